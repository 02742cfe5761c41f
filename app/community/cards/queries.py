"""Questions about the cards and pages of posts, as ready JSON; and lists of them.

The writer keeps two fragments of JSON on the row: `card` (what every list shows, without counts and the viewer's
marks) and `page` (pictures and topics). They are made at reading time only while they are missing, and for posts that
are not open, whose pictures need signed URLs.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array

from app.community.posts.models import Fragments, Post, PostTakeDown, fragments_of
from app.community.posts.queries import is_deleted, parts_of, posts_shown_to, posts_visible_to, visible_posts
from app.community.reactions.models import COLLECT, LIKE, Reaction
from app.community.tags.models import Tag
from app.core import counters, paging
from app.core.caller import PERSON
from app.core.clock import iso
from app.core.db import db, rows_of
from app.core.errors import missing
from app.core.plain import Prepared, Row, array_of
from app.people.social.models import Follow

Page = tuple[list[bytes], str | None]
"""Whole cards as JSON, and the cursor of the next page."""
COUNTS = ("likes", "collects", "comments", "views")


def card_pages(viewer_id: UUID | None, ids: Sequence[UUID]) -> list[bytes]:
    """Whole cards as JSON in the order of `ids`; what the viewer may not see is left out.

    One query, however many; some more if the viewer's own hidden posts are among them.
    """
    return rows_of(list(ids), _cards(_CARDS, viewer_id, ids))


def open_cards(viewer_id: UUID | None, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Whole cards by id, only of posts that everybody may see and that the viewer wants to, for feeds and search.
    Queries as card_pages."""
    return _cards(_OPEN_CARDS, viewer_id, ids)


def post_page(viewer_id: UUID | None, post_id: UUID) -> bytes:
    """All of one post as JSON: its card and what only its page shows. Raises Refused 404."""
    row = next(iter(_read(_PAGES, viewer_id, id=post_id)), None)
    if row is None:
        raise missing("内容不存在或已删除", "There is no such post.")
    made = _made([row.id] if row.card is None or row.page is None or not row.is_open else [])
    card, page = (made[row.id].card, made[row.id].page) if row.id in made else (row.card, row.page)
    rest = {
        "body": row.body,
        "visibility": row.visibility,
        "rating": row.rating,
        "verified": row.review_id is not None,
        "comments_off": row.comments_off,
        "edited_at": iso(row.edited_at) if row.edited_at else None,
        "takedown": {"reason": row.reason, "at": iso(row.at)} if row.at else None,
    }
    return card + _tail(row, viewer_id is not None) + b"," + page + b"," + orjson.dumps(rest)[1:]


def person_posts(viewer_id: UUID | None, person_id: UUID, limit: int, cursor: str | None) -> Page:
    """A page of a person's posts, newest first, and the next cursor: those that the viewer may see."""
    scope = f"posts-of-person:{person_id}"
    mine = ~is_deleted() if viewer_id == person_id else posts_visible_to(viewer_id)
    wanted = select(Post.created_at, Post.id).where(Post.author_kind == PERSON, Post.author_id == person_id, mine)
    return _paged(wanted, (Post.created_at, Post.id), scope, viewer_id, limit, cursor)


def product_posts(viewer_id: UUID | None, product_id: UUID, limit: int, cursor: str | None) -> Page:
    """A page of the posts that tag a product and that the viewer may see, newest first, and the next cursor."""
    scope = f"posts-of-product:{product_id}"
    wanted = select(Tag.posted_at, Tag.post_id).distinct().join(Post, Post.id == Tag.post_id)
    wanted = wanted.where(Tag.product_id == product_id, posts_visible_to(viewer_id))
    return _paged(wanted, (Tag.posted_at, Tag.post_id), scope, viewer_id, limit, cursor)


def _cards(asked: tuple[Prepared, Prepared], viewer_id: UUID | None, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    return dict(shown(_read(asked, viewer_id, ids=array_of(ids)), viewer_id is not None)) if ids else {}


_IDS, _ONE = bindparam("ids", type_=ARRAY(Uuid)), array([bindparam("id", type_=Uuid)])
_VIEWER = bindparam("viewer", type_=Uuid)


def newest_cards(ids: ColumnElement[Any], all_open: bool = True) -> Prepared:
    """The statement that reads the cards of the posts in the array `ids`, newest first, for `viewer`, who follows all
    their authors. Only for ids that the same statement has found that he may see (`all_open`: as everybody may): it
    does not ask again. For `shown`."""
    is_open = true() if all_open else visible_posts()
    asked = _on_cards(ids).add_columns(is_open.label("is_open"), true().label("following"))
    return Prepared(_with_reactions(asked, ids).order_by(Post.published_at.desc(), Post.id.desc()))


def shown(rows: Sequence[Row], is_person: bool = True) -> list[tuple[UUID, bytes]]:
    """(id, whole card) of each row. No query, some if there are posts without a ready card among them."""
    made = _made([row.id for row in rows if row.card is None or not row.is_open])
    cards = ((row, made[row.id].card if row.id in made else row.card) for row in rows)
    return [(row.id, b"%b%b}" % (card, _tail(row, is_person))) for row, card in cards]


def _on_cards(ids: ColumnElement[Any], *more: Any) -> Select[*tuple[Any, ...]]:
    """Of the posts in the array `ids` what every card shows, and `more`."""
    counted = counters.totals(ids, COUNTS)
    on_card = (Post.id, Post.card, Post.published_at, Post.declared, *(counted.c[name] for name in COUNTS))
    asked = select(*on_card, *more).outerjoin(counted, counted.c.subject_id == Post.id)
    return asked.where(Post.id == any_(ids))


def _with_reactions(asked: Select[*tuple[Any, ...]], ids: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """And what the viewer has put on each: by the ids, so that never all his likes are gone through."""
    liked, collected = (func.bool_or(Reaction.name == literal_column(f"'{name}'", Text)) for name in (LIKE, COLLECT))
    own = select(Reaction.subject_id, liked.label("liked"), collected.label("collected"))
    own = own.where(Reaction.subject_id == any_(ids), Reaction.person_id == _VIEWER).group_by(Reaction.subject_id)
    mine = own.subquery("mine")
    marks = mine.c.liked.is_(True).label("liked"), mine.c.collected.is_(True).label("collected")
    return asked.add_columns(*marks).outerjoin(mine, mine.c.subject_id == Post.id)


def _with_following(asked: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """And whether the viewer follows its author."""
    followed = and_(Follow.follower_id == _VIEWER, Follow.followed_id == Post.author_id)
    return asked.add_columns(Follow.followed_id.is_not(None).label("following")).outerjoin(Follow, followed)


def _for_guest_and_person(
    asked: Select[*tuple[Any, ...]], ids: ColumnElement[Any], only_open: bool = False
) -> tuple[Prepared, Prepared]:
    """The same question for a stranger and for a person, made once: the shape of a hot read never changes."""
    to_all = asked.add_columns(true().label("is_open")).where(visible_posts())
    if only_open:
        to_person = asked.add_columns(true().label("is_open")).where(posts_shown_to(_VIEWER))
    else:
        to_person = asked.add_columns(visible_posts().label("is_open")).where(posts_visible_to(_VIEWER))
    return Prepared(to_all), Prepared(_with_following(_with_reactions(to_person, ids)))


_CARDS = _for_guest_and_person(_on_cards(_IDS), _IDS)
_OPEN_CARDS = _for_guest_and_person(_on_cards(_IDS), _IDS, only_open=True)
_ON_PAGE = (Post.page, Post.body, Post.visibility, Post.rating, Post.review_id, Post.edited_at, Post.comments_off)
_PAGE = _on_cards(_ONE, *_ON_PAGE, PostTakeDown.reason, PostTakeDown.at)
_PAGES = _for_guest_and_person(_PAGE.outerjoin(PostTakeDown, PostTakeDown.post_id == Post.id), _ONE)


def _read(asked: tuple[Prepared, Prepared], viewer_id: UUID | None, **which: Any) -> Sequence[Row]:
    if viewer_id is None:
        return asked[0].rows(**which)
    return asked[1].rows(viewer=viewer_id, **which)


def _made(ids: Sequence[UUID]) -> dict[UUID, Fragments]:
    """Fragments made now: of posts whose own are missing, and of hidden ones, with signed URLs."""
    if not ids:
        return {}
    rows = db.session.execute(select(Post, visible_posts()).where(Post.id.in_(ids))).all()
    parts = parts_of([post for post, _ in rows])
    return {post.id: fragments_of(post, parts[post.id], signed=not open_) for post, open_ in rows}


def _tail(row: Row, is_person: bool) -> bytes:
    """What is different at each reading, as JSON members: when, counts, and what the viewer did."""
    members = {
        "declared": row.declared,
        "published_at": row.published_at and row.published_at.astimezone(UTC),
        "counts": {name: getattr(row, name) or 0 for name in COUNTS},
        "viewer": {name: is_person and getattr(row, name) for name in ("liked", "collected", "following")},
    }
    return b"," + orjson.dumps(members, option=orjson.OPT_UTC_Z)[1:-1]


def _paged(
    wanted: Select[datetime, UUID],
    order: tuple[Any, Any],
    scope: str,
    viewer_id: UUID | None,
    limit: int,
    cursor: str | None,
) -> Page:
    """One page by (time, id), both falling, and the cursor of the next."""
    after = paging.values_of(scope, cursor)
    if after is not None:
        place = (literal(datetime.fromisoformat(after[0])), literal(UUID(after[1])))
        wanted = wanted.where(tuple_(*order) < tuple_(*place))
    rows = db.session.execute(wanted.order_by(order[0].desc(), order[1].desc()).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return (
        card_pages(viewer_id, [row[1] for row in rows[:limit]]),
        paging.cursor(scope, [iso(last[0]), str(last[1])]) if last else None,
    )
