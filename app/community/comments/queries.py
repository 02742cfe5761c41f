"""Questions about comments: who sees which, and pages of them as JSON."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, ColumnElement, Row, Select, Uuid, and_, exists, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from app.community.comments.models import (
    HOT,
    PREVIEWED,
    Comment,
    CommentDeletion,
    CommentHold,
    CommentPin,
    CommentProduct,
    CommentSevered,
    CommentTakeDown,
)
from app.community.posts.models import Post
from app.community.reactions.models import LIKE
from app.community.reactions.queries import reacted_to
from app.community.tags.models import Tag
from app.core import counters, paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.people.accounts.queries import author_cards
from app.people.social.queries import are_near
from app.store.catalogue.models import Product
from app.store.catalogue.queries import product_cards
from app.store.shops.models import Staff

Found = Row[Comment, CommentTakeDown | None, CommentHold | None, UUID | None]
"""A comment, what hides it from all but its author, and whom it answers."""
Page = tuple[list[bytes], str | None]


def visible_comments() -> ColumnElement[bool]:
    """SQL: nothing hides the comment itself; its thread, its post and blocks are other questions. For a WHERE with
    Comment."""
    hidden = (CommentTakeDown, CommentHold)
    return and_(*(~exists().where(one.comment_id == Comment.id).correlate(Comment) for one in hidden), ~_deleted())


def visible_in_thread() -> ColumnElement[bool]:
    """SQL: nothing hides the comment, nor the root of its thread. For a WHERE with Comment."""
    hidden = (CommentTakeDown, CommentHold, CommentDeletion)
    above = (~exists().where(one.comment_id == Comment.root_id).correlate(Comment) for one in hidden)
    return and_(visible_comments(), *above)


def comment_pages(viewer_id: UUID | None, post_id: UUID, sort: str, limit: int, cursor: str | None) -> Page:
    """A page of a post's threads as JSON, each with its first replies, and the next cursor. 9 queries.

    The one that the post's author put on top comes first; the others by heat, or the newest first. A comment that is
    taken down or held is shown to its author only. One whose author and the post's, or the viewer, are kept apart by a
    block is shown to nobody, or not to the viewer.
    """
    scope = f"comments:{sort}:{post_id}"
    place = paging.values_of(scope, cursor)
    seen = (Comment.post_id == post_id, Comment.root_id.is_(None), *_seen_under(viewer_id, post_id))
    pinned = _pinned(post_id)
    first = [] if place is not None else list(db.session.execute(_read(*seen, Comment.id.in_(pinned))))
    order = (Comment.heat, Comment.created_at, Comment.id) if sort == HOT else (Comment.created_at, Comment.id)
    wanted = _read(*seen, Comment.id.not_in(pinned)).order_by(*(one.desc() for one in order))
    if place:  # [] begins after the one on top
        wanted = wanted.where(tuple_(*order) < tuple_(*map(literal, _place(place))))
    room = limit - len(first)
    rows = list(db.session.execute(wanted.limit(room + 1)))
    following = (_values(sort, rows[room - 1][0]) if room else []) if len(rows) > room else None
    page = [*first, *rows[:room]]
    replies = _first_replies(viewer_id, post_id, [row[0].id for row in page])
    shown = _Shown(viewer_id, post_id, [*page, *replies], {row[0].id for row in first})
    items = [shown.thread(row, replies) for row in page]
    return items, None if following is None else paging.cursor(scope, following)


def reply_pages(viewer_id: UUID | None, root_id: UUID, limit: int, cursor: str | None) -> Page:
    """A page of the replies of a thread as JSON, the oldest first, and the next cursor. Raises Refused 404."""
    root = comment_for(viewer_id, root_id)
    scope = f"replies:{root_id}"
    wanted = _read(Comment.root_id == root_id, *_seen_under(viewer_id, root.post_id))
    place = paging.values_of(scope, cursor)
    order = (Comment.created_at, Comment.id)
    if place is not None:
        wanted = wanted.where(tuple_(*order) > tuple_(*map(literal, _place(place))))
    rows = list(db.session.execute(wanted.order_by(*order).limit(limit + 1)))
    last = rows[limit - 1][0] if len(rows) > limit else None
    shown = _Shown(viewer_id, root.post_id, rows[:limit], set())
    items = [orjson.dumps(shown.one(row)) for row in rows[:limit]]
    return items, paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


def comment_page(viewer_id: UUID, comment_id: UUID) -> bytes:
    """One comment as JSON, for its author."""
    row = db.session.execute(_read(Comment.id == comment_id)).one()
    shown = _Shown(viewer_id, row[0].post_id, [row], set())
    return shown.thread(row, []) if row[0].root_id is None else orjson.dumps(shown.one(row))


def comment_for(viewer_id: UUID | None, comment_id: UUID) -> Comment:
    """A comment that this person may see, as far as it and its thread say; its post is another question. Raises Refused
    404."""
    found = db.session.get(Comment, comment_id)
    if found is not None:
        which = [one for one in (found.root_id, found.id) if one is not None]
        seen = _read(Comment.id.in_(which), *_seen_under(viewer_id, found.post_id))
        if len(db.session.execute(seen).all()) == len(which):
            return found
    raise no_comment()


def is_severed(comment_id: UUID) -> bool:
    """Whether a block between its author and the post's has taken the comment from everybody."""
    return db.session.get(CommentSevered, comment_id) is not None


def counted_in(root_id: UUID) -> int:
    """How many of a thread everybody sees: none where its root is hidden."""
    seen = (visible_comments(), ~exists().where(CommentSevered.comment_id == Comment.id).correlate(Comment))
    if db.session.scalar(select(Comment.id).where(Comment.id == root_id, *seen)) is None:
        return 0
    replies = select(func.count()).select_from(Comment).where(Comment.root_id == root_id, *seen)
    return 1 + (db.session.scalar(replies) or 0)


def no_comment() -> Refused:
    """404 for a comment that is not there for who asks."""
    return missing("评论不存在或已删除", "There is no such comment.")


def _deleted() -> ColumnElement[bool]:
    return exists().where(CommentDeletion.comment_id == Comment.id).correlate(Comment)


def _seen_under(viewer_id: UUID | None, post_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """SQL: the viewer sees the Comment under this post."""
    author = select(Post.author_id).where(Post.id == post_id).scalar_subquery()
    near = are_near(author, Comment.author_id)
    if viewer_id is None:
        return near, visible_comments()
    theirs = and_(visible_comments(), are_near(literal(viewer_id), Comment.author_id))
    return near, ~_deleted(), or_(theirs, Comment.author_id == viewer_id)


def _pinned(post_id: UUID) -> Select[UUID]:
    return select(CommentPin.comment_id).where(CommentPin.post_id == post_id)


def _read(*where: ColumnElement[bool]) -> Select[Comment, CommentTakeDown | None, CommentHold | None, UUID | None]:
    parent = aliased(Comment)
    wanted = select(Comment, CommentTakeDown, CommentHold, parent.author_id)
    wanted = wanted.outerjoin(CommentTakeDown, CommentTakeDown.comment_id == Comment.id)
    wanted = wanted.outerjoin(CommentHold, CommentHold.comment_id == Comment.id)
    return wanted.outerjoin(parent, and_(parent.id == Comment.parent_id, parent.id != Comment.root_id)).where(*where)


def _first_replies(viewer_id: UUID | None, post_id: UUID, roots: Collection[UUID]) -> list[Found]:
    """The first replies of each of these threads."""
    root = select(func.unnest(literal(list(roots), ARRAY(Uuid))).label("id")).subquery()
    seen = (Comment.root_id == root.c.id, *_seen_under(viewer_id, post_id))
    some = select(Comment.id).where(*seen).order_by(Comment.created_at, Comment.id).limit(PREVIEWED)
    first = some.correlate(root).lateral()
    ids = select(first.c.id).select_from(root.join(first, true()))
    return list(db.session.execute(_read(Comment.id.in_(ids)).order_by(Comment.created_at, Comment.id)))


def _place(place: Sequence[Any]) -> list[Any]:
    """(heat,) time and id of a cursor."""
    *heat, at, comment_id = place
    return [*heat, datetime.fromisoformat(at), UUID(comment_id)]


def _values(sort: str, last: Comment) -> list[Any]:
    return [*([last.heat] if sort == HOT else []), iso(last.created_at), str(last.id)]


class _Shown:
    """What these comments of one post say, as JSON. Six queries, however many: people, goods named and their cards,
    counts, the viewer's likes, and who works for the shops whose goods the post shows."""

    def __init__(self, viewer_id: UUID | None, post_id: UUID, rows: Sequence[Found], pinned: Collection[UUID]) -> None:
        ids = [row[0].id for row in rows]
        authors = {row[0].author_id for row in rows}
        self._people = author_cards(authors | {row[3] for row in rows if row[3] is not None})
        self._goods = _goods_named(ids)
        self._likes = {one: counts.get("likes", 0) for one, counts in counters.of(ids).items()}
        self._liked = reacted_to(viewer_id, LIKE, ids)
        self._badged = _badges(post_id, authors)
        self._pinned = pinned

    def thread(self, row: Found, replies: Sequence[Found]) -> bytes:
        """A comment on the post itself, with those of these replies that are its own."""
        own = [self.one(one) for one in replies if one[0].root_id == row[0].id]
        return orjson.dumps({**self.one(row), "replies": own})

    def one(self, row: Found) -> dict[str, Any]:
        comment, takedown, hold, answered = row
        return {
            "id": comment.id,
            "kind": "comment",
            "post_id": comment.post_id,
            "root_id": comment.root_id,
            "parent_id": comment.parent_id,
            "body": comment.body,
            "author": self._people.get(comment.author_id),
            "badges": self._badged.get(comment.author_id, []),
            "answers": self._people.get(answered) if answered else None,
            "products": self._goods.get(comment.id, []),
            "counts": {"likes": self._likes.get(comment.id, 0), "replies": max(comment.counted - 1, 0)},
            "viewer": {"liked": comment.id in self._liked},
            "pinned": comment.id in self._pinned,
            "created_at": iso(comment.created_at),
            "takedown": {"reason": takedown.reason, "at": iso(takedown.at)} if takedown else None,
            "held": hold is not None,
        }


def _goods_named(comment_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The goods of each of these comments that people may see: their card, and the link to follow."""
    if not comment_ids:
        return {}
    named = select(CommentProduct).where(CommentProduct.comment_id.in_(comment_ids))
    rows = db.session.scalars(named.order_by(CommentProduct.comment_id, CommentProduct.position)).all()
    cards = product_cards({one.product_id for one in rows})
    found: dict[UUID, list[dict[str, Any]]] = {}
    for one in rows:
        if one.product_id in cards:
            link = {"code": one.link_code, "url": f"/l/{one.link_code}"}
            shown = {"product": orjson.Fragment(cards[one.product_id]), "link": link}
            found.setdefault(one.comment_id, []).append(shown)
    return found


def _badges(post_id: UUID, people: Collection[UUID]) -> dict[UUID, list[str]]:
    """What these people are here: "author" of the post, "merchant" for whose shop's goods it shows. One query."""
    wrote = select(Post.author_id.label("person_id"), literal("author").label("badge")).where(Post.id == post_id)
    sells = select(Staff.person_id, literal("merchant")).join(Product, Product.shop_id == Staff.shop_id)
    sells = sells.join(Tag, Tag.product_id == Product.id).where(Tag.post_id == post_id, Staff.person_id.in_(people))
    found: dict[UUID, list[str]] = {}
    for row in db.session.execute(wrote.union(sells).order_by("badge")):
        found.setdefault(row.person_id, []).append(row.badge)
    return found
