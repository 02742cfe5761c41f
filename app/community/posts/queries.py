"""Questions about posts: who may see which, their cards and pages as ready JSON, and lists of them.

The writer keeps two fragments of JSON on the row: `card` (what every list shows, without counts and the viewer's
marks) and `page` (pictures and topics). They are made at reading time only while they are missing, and for an author's
own post that is not open, whose pictures need signed URLs.
"""

from collections.abc import Collection, Sequence
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
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array

from app.community.posts.models import (
    PUBLIC,
    PUBLISHED,
    Fragments,
    Parts,
    Post,
    PostDeletion,
    PostTakeDown,
    fragments_of,
)
from app.community.reactions.models import COLLECT, LIKE, Reaction
from app.community.tags.models import Tag
from app.community.tags.queries import is_one_of, tags_of
from app.community.topics.queries import topics_of
from app.core import counters, paging
from app.core.caller import PERSON
from app.core.clock import iso
from app.core.db import db, rows_of
from app.core.errors import missing
from app.core.plain import Prepared, Row, array_of
from app.people.accounts.queries import author_cards
from app.people.social.models import Follow
from app.people.uploads.queries import uploads_by_id
from app.store.reviews.queries import tells_reviews

Page = tuple[list[bytes], str | None]
"""Whole cards as JSON, and the cursor of the next page."""
COUNTS = ("likes", "collects", "comments", "views")

# Written into the SQL, not sent as parameters: only so can every plan use the partial indexes of posts_posts.
_PUBLIC, _PUBLISHED = literal_column(f"'{PUBLIC}'", Text), literal_column(f"'{PUBLISHED}'", Text)


def visible_posts() -> ColumnElement[bool]:
    """SQL: the post is open to everybody. For the WHERE of a select that has Post among its tables."""
    taken_down = exists().where(PostTakeDown.post_id == Post.id).correlate(Post)
    return and_(Post.visibility == _PUBLIC, Post.state == _PUBLISHED, ~taken_down, ~_deleted())


def posts_visible_to(viewer: UUID | ColumnElement[UUID] | None) -> ColumnElement[bool]:
    """SQL: the post is open, or it is the viewer's own and not deleted."""
    if viewer is None:
        return visible_posts()
    mine = and_(Post.author_kind == PERSON, Post.author_id == viewer)
    return and_(~_deleted(), or_(visible_posts(), mine))


def is_open(post_id: UUID) -> bool:
    """Whether everybody may see the post."""
    return db.session.scalar(select(Post.id).where(Post.id == post_id, visible_posts())) is not None


def post_for(viewer_id: UUID | None, post_id: UUID) -> Post:
    """The post, if this person (None: a stranger) may see it. Raises Refused 404."""
    found = db.session.scalar(select(Post).where(Post.id == post_id, posts_visible_to(viewer_id)))
    if found is None:
        raise missing("内容不存在或已删除", "There is no such post.")
    return found


def require_visible(viewer_id: UUID | None, post_id: UUID) -> None:
    """Raises Refused 404 for a post that this person may not see."""
    if not _read(_SEEN, viewer_id, id=post_id):
        raise missing("内容不存在或已删除", "There is no such post.")


def card_pages(viewer_id: UUID | None, ids: Sequence[UUID]) -> list[bytes]:
    """Whole cards as JSON in the order of `ids`; what the viewer may not see is left out.

    One query, however many; some more if the viewer's own hidden posts are among them.
    """
    return rows_of(list(ids), _cards(_CARDS, viewer_id, ids))


def open_cards(viewer_id: UUID | None, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Whole cards by id, only of posts that everybody may see, for feeds and search. Queries as card_pages."""
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
        "edited_at": iso(row.edited_at) if row.edited_at else None,
        "takedown": {"reason": row.reason, "at": iso(row.at)} if row.at else None,
    }
    return card + _tail(row, viewer_id is not None) + b"," + page + b"," + orjson.dumps(rest)[1:]


def person_posts(viewer_id: UUID | None, person_id: UUID, limit: int, cursor: str | None) -> Page:
    """A page of a person's posts, newest first, and the next cursor; to himself also those that are not open."""
    scope = f"posts-of-person:{person_id}"
    mine = ~_deleted() if viewer_id == person_id else visible_posts()
    wanted = select(Post.created_at, Post.id).where(Post.author_kind == PERSON, Post.author_id == person_id, mine)
    return _paged(wanted, (Post.created_at, Post.id), scope, viewer_id, limit, cursor)


def product_posts(viewer_id: UUID | None, product_id: UUID, limit: int, cursor: str | None) -> Page:
    """A page of the open posts that tag a product, newest first, and the next cursor."""
    scope = f"posts-of-product:{product_id}"
    wanted = select(Tag.posted_at, Tag.post_id).distinct().join(Post, Post.id == Tag.post_id)
    wanted = wanted.where(Tag.product_id == product_id, visible_posts())
    return _paged(wanted, (Tag.posted_at, Tag.post_id), scope, viewer_id, limit, cursor)


def parts_of(posts: Collection[Post]) -> dict[UUID, Parts]:
    """The parts of these posts. 4 queries, however many."""
    ids = [post.id for post in posts]
    authors = author_cards({post.author_id for post in posts})
    found = {post.id: Parts(authors.get(post.author_id)) for post in posts}
    uploads = uploads_by_id({one for post in posts for one in post.pictures})
    for post in posts:
        found[post.id].pictures = rows_of(post.pictures, uploads)
    for post_id, tags in tags_of(ids).items():
        found[post_id].tags = tags
    for post_id, name in topics_of(ids):
        found[post_id].topics.append(name)
    return found


def posts_of_author(person_id: UUID, before: UUID, most: int) -> list[UUID]:
    """The ids of a person's newest posts below `before`, whatever hides them."""
    mine = select(Post.id).where(Post.author_kind == PERSON, Post.author_id == person_id, Post.id < before)
    return list(db.session.scalars(mine.order_by(Post.id.desc()).limit(most)))


def wrong_cards(post_ids: Collection[UUID]) -> list[UUID]:
    """Those of these posts whose ready card says something else than would be written now. 5 queries."""
    ready = select(Post).where(is_one_of(Post.id, post_ids), Post.card.is_not(None))
    posts = db.session.scalars(ready.execution_options(populate_existing=True)).all()
    parts = parts_of(posts)
    return [post.id for post in posts if post.card != fragments_of(post, parts[post.id]).card]


def _deleted() -> ColumnElement[bool]:
    return exists().where(PostDeletion.post_id == Post.id).correlate(Post)


def _cards(asked: tuple[Prepared, Prepared], viewer_id: UUID | None, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    return dict(shown(_read(asked, viewer_id, ids=array_of(ids)), viewer_id is not None)) if ids else {}


_IDS, _ONE = bindparam("ids", type_=ARRAY(Uuid)), array([bindparam("id", type_=Uuid)])
_VIEWER = bindparam("viewer", type_=Uuid)


def newest_cards(ids: ColumnElement[Any]) -> Prepared:
    """The statement that reads the cards of the posts in the array `ids`, newest first, for `viewer`, who follows all
    their authors. Only for ids that the same statement has found to be open: it does not ask again. For `shown`."""
    asked = _on_cards(ids).add_columns(true().label("is_open"), true().label("following"))
    return Prepared(_with_reactions(asked, ids).order_by(Post.published_at.desc(), Post.id.desc()))


def shown(rows: Sequence[Row], is_person: bool = True) -> list[tuple[UUID, bytes]]:
    """(id, whole card) of each row. No query, some if there are posts without a ready card among them."""
    made = _made([row.id for row in rows if row.card is None or not row.is_open])
    cards = ((row, made[row.id].card if row.id in made else row.card) for row in rows)
    return [(row.id, b"%b%b}" % (card, _tail(row, is_person))) for row, card in cards]


def _on_cards(ids: ColumnElement[Any], *more: Any) -> Select[*tuple[Any, ...]]:
    """Of the posts in the array `ids` what every card shows, and `more`."""
    counted = counters.totals(ids, COUNTS)
    on_card = (Post.id, Post.card, Post.published_at, *(counted.c[name] for name in COUNTS))
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


@tells_reviews
def reviews_of_posts(author_id: UUID, review_ids: Collection[UUID]) -> set[UUID]:
    """Those of these reviews that posts of this author say. One query."""
    told = select(Post.review_id).where(Post.author_id == author_id, Post.review_id.in_(review_ids))
    return {one for one in db.session.scalars(told) if one is not None}


def _for_guest_and_person(
    asked: Select[*tuple[Any, ...]], ids: ColumnElement[Any], only_open: bool = False
) -> tuple[Prepared, Prepared]:
    """The same question for a stranger and for a person, made once: the shape of a hot read never changes."""
    to_all = asked.add_columns(true().label("is_open")).where(visible_posts())
    to_person = asked.add_columns(visible_posts().label("is_open")).where(posts_visible_to(_VIEWER))
    return Prepared(to_all), Prepared(_with_following(_with_reactions(to_all if only_open else to_person, ids)))


_CARDS = _for_guest_and_person(_on_cards(_IDS), _IDS)
_OPEN_CARDS = _for_guest_and_person(_on_cards(_IDS), _IDS, only_open=True)
_IT = select(Post.id).where(Post.id == any_(_ONE))
_SEEN = Prepared(_IT.where(visible_posts())), Prepared(_IT.where(posts_visible_to(_VIEWER)))
_ON_PAGE = (Post.page, Post.body, Post.visibility, Post.rating, Post.review_id, Post.edited_at)
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
