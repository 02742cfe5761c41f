"""Questions of the feeds: the order of explore at one moment, and what those post whom a person follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, select, true, tuple_

from app.community.posts.models import Post
from app.community.posts.queries import open_cards, visible_posts
from app.core import clock
from app.core.caller import PERSON, Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.plain import Prepared
from app.discover.feed.models import FeedSnapshot
from app.people.social.models import Follow

NEW_FOR = timedelta(seconds=60)
"""Posts younger than this are looked up in the database too, for the index may not have them yet."""

MOST_NEW = 100
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Order:
    """A snapshot as it is read: its id, and ids of posts in their order."""

    id: UUID
    ids: Sequence[UUID]


def order_of(snapshot_id: UUID) -> Order:
    """A snapshot that a cursor speaks of. Raises Refused 400 for one that is forgotten."""
    found = db.session.execute(
        select(FeedSnapshot.id, FeedSnapshot.ids).where(FeedSnapshot.id == snapshot_id)
    ).first()
    if found is None:
        zh, en = "内容已更新,请从第一页开始", "The feed has moved on: start from page one."
        raise Refused(400, "bad_cursor", zh, en)
    return Order(found.id, found.ids)


def order_by_seed(seed: int) -> Order | None:
    """The snapshot of this half-second and luck, if somebody has made it."""
    found = db.session.execute(select(FeedSnapshot.id, FeedSnapshot.ids).where(FeedSnapshot.seed == seed)).first()
    return Order(found.id, found.ids) if found else None


def newest() -> tuple[datetime, list[UUID]]:
    """The database's time, and the posts published just now, newest first."""
    now = db.session.execute(select(clock.db_now())).scalar_one()
    asked = select(Post.id).where(Post.published_at > now - NEW_FOR, visible_posts())
    return now, list(db.session.scalars(asked.order_by(Post.published_at.desc(), Post.id.desc()).limit(MOST_NEW)))


def latest(most: int) -> list[UUID]:
    """The latest posts, newest first: what explore shows while no search engine can be asked."""
    asked = select(Post.id).where(Post.published_at.is_not(None), visible_posts())
    return list(db.session.scalars(asked.order_by(Post.published_at.desc(), Post.id.desc()).limit(most)))


def explore_cards(caller: Caller, order: Order, offset: int, limit: int) -> tuple[list[tuple[UUID, bytes]], int | None]:
    """(id, card) of a full page from `offset` on, and where the next begins, None at the end.

    What is not open any more is passed over and the page filled up: one question as a rule, two if many are gone.
    """
    found: list[tuple[UUID, bytes]] = []
    while len(found) < limit and offset < len(order.ids):
        ids = order.ids[offset : offset + limit - len(found)]
        found += _carded(caller, ids)
        offset += len(ids)
    return found, offset if offset < len(order.ids) else None


def following_cards(caller: Caller, after: Place | None, limit: int) -> tuple[list[tuple[UUID, bytes]], Place | None]:
    """(id, card) of the newest posts of those whom the caller follows, and the place of the last if there are more."""
    values: dict[str, Any] = {"viewer": caller.person, "most": limit + 1}
    rows = _FOLLOWING_ON.rows(**values, time=after[0], id=after[1]) if after else _FOLLOWING.rows(**values)
    shown = rows[:limit]
    last = (shown[-1].published_at, shown[-1].id) if len(rows) > limit else None
    return _carded(caller, [row.id for row in shown]), last


def _following(further: bool) -> Prepared:
    """The newest posts of each followed author by his own index, then the newest of those: it reads `most` rows an
    author at worst, however much he wrote (shared/speed.md: 0.4 ms of 71 authors above 1,000 followers)."""
    followed = select(Follow.followed_id).where(Follow.follower_id == _VIEWER).subquery()
    posts = select(Post.id, Post.published_at).where(
        Post.author_id == followed.c.followed_id, Post.author_kind == PERSON, visible_posts()
    )
    if further:
        posts = posts.where(tuple_(Post.published_at, Post.id) < tuple_(_TIME, _ID))
    latest = posts.order_by(Post.published_at.desc(), Post.id.desc()).limit(_MOST).correlate(followed).lateral()
    asked = select(latest.c.id, latest.c.published_at).select_from(followed.join(latest, true()))
    return Prepared(asked.order_by(latest.c.published_at.desc(), latest.c.id.desc()).limit(_MOST))


_VIEWER, _MOST = bindparam("viewer", type_=Uuid), bindparam("most", type_=Integer)
_TIME, _ID = bindparam("time", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid)
_FOLLOWING, _FOLLOWING_ON = _following(False), _following(True)


def _carded(caller: Caller, ids: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
    cards = open_cards(caller.person_id, ids)
    return [(one, cards[one]) for one in ids if one in cards]
