"""Questions of the feeds: the order of explore at one moment, and what those post whom a person follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Uuid,
    bindparam,
    exists,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)

from app.community.cards.queries import newest_cards, open_cards, shown
from app.community.posts.models import Post
from app.community.posts.queries import friends_posts, visible_posts
from app.core import clock
from app.core.caller import PERSON, Caller
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused
from app.core.plain import Prepared
from app.discover.feed.models import FeedSnapshot
from app.people.filters.queries import is_unwanted
from app.people.social.models import Follow
from app.people.social.queries import are_friends, is_muted

NEW_FOR = timedelta(seconds=60)
"""Posts that were younger than this when a snapshot was made are not in it but stand before it, newest first: the index
may not have had them, and each post is shown to somebody before it is ranked."""

MOST_NEW = 100
_SHARE, AMONG = 4, 2000
"""Following looks first at so many of the newest posts of all: four for each followed author, at most 2,000."""

Place = tuple[datetime, UUID]
"""When a post was published, and its id: where it stands among all posts, newest first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Ids of posts in the order in which the index had them at the time `as_of`."""

    id: UUID
    as_of: datetime
    ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Order:
    """What a reader of explore sees, from some place on: `new` are the places of the first of `ids`, which the snapshot
    `id` lacks; the others are the snapshot's."""

    id: UUID
    new: Sequence[Place]
    ids: Sequence[UUID]


def snapshot_by_id(snapshot_id: UUID) -> Snapshot:
    """A snapshot that a cursor speaks of. Raises Refused 400 for one that is forgotten."""
    found = _snapshot(FeedSnapshot.id == snapshot_id)
    if found is None:
        zh, en = "内容已更新，请从第一页开始", "The feed has moved on: start from page one."
        raise Refused(400, "bad_cursor", zh, en)
    return found


def snapshot_by_seed(seed: int) -> Snapshot | None:
    """The snapshot of this time and luck, if somebody has made it."""
    return _snapshot(FeedSnapshot.seed == seed)


def _snapshot(which: ColumnElement[bool]) -> Snapshot | None:
    found = db.session.execute(select(FeedSnapshot.id, FeedSnapshot.as_of, FeedSnapshot.ids).where(which)).first()
    return Snapshot(*found) if found else None


def order_on(snapshot: Snapshot, after: Place | None = None) -> Order:
    """The snapshot, and before it, newest first, what has been published since; or as much of it as comes after a
    post of those. No id is in it twice, and none that came before `after`, whatever appears or vanishes meanwhile."""
    newest = _newest(snapshot.as_of)
    if after is not None:
        newest = newest.where(tuple_(Post.published_at, Post.id) < tuple_(literal(after[0]), literal(after[1])))
    known = set(snapshot.ids)
    new = [(row.published_at, row.id) for row in db.session.execute(newest) if row.id not in known]
    return Order(snapshot.id, new, [*(one for _, one in new), *snapshot.ids])


def newest_ids(as_of: datetime) -> list[UUID]:
    """What stands before a snapshot that is made now, and so need not be in it."""
    return [row.id for row in db.session.execute(_newest(as_of))]


def _newest(as_of: datetime) -> Select[datetime | None, UUID]:
    asked = select(Post.published_at, Post.id).where(Post.published_at > as_of - NEW_FOR, visible_posts())
    return asked.order_by(Post.published_at.desc(), Post.id.desc()).limit(MOST_NEW)


def place_in(order: Order, offset: int) -> list[Any]:
    """What a cursor says to go on at `offset`: a place in the snapshot, which never changes, or the last new post that
    was passed, since more of them may appear before it."""
    if offset >= len(order.new):
        return [str(order.id), offset - len(order.new)]
    time, post_id = order.new[offset - 1]
    return [str(order.id), 0, iso(time), str(post_id)]


def db_time() -> datetime:
    """The database's time."""
    return db.session.execute(select(clock.db_now())).scalar_one()


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
    """(id, card) of the newest posts of those whom the caller follows, and the place of the last if there are more.

    One statement finds the posts and reads their cards.
    """
    return _newest_of(_FOLLOWING_ON if after else _FOLLOWING, caller, after, limit)


def friends_cards(caller: Caller, after: Place | None, limit: int) -> tuple[list[tuple[UUID, bytes]], Place | None]:
    """The same of the caller's friends, with what only friends may see. One statement, and some more where there is
    any: its pictures get signed URLs."""
    return _newest_of(_FRIENDS_ON if after else _FRIENDS, caller, after, limit)


def _newest_of(
    asked: Prepared, caller: Caller, after: Place | None, limit: int
) -> tuple[list[tuple[UUID, bytes]], Place | None]:
    place = {"time": after[0], "id": after[1]} if after else {}
    rows = asked.rows(viewer=caller.person, most=limit + 1, **place)
    page = rows[:limit]
    last = (page[-1].published_at, page[-1].id) if len(rows) > limit else None
    return shown(page), last


def _following(further: bool) -> Prepared:
    """The newest `most` posts of those whom `viewer` follows. They are looked for in two ways, of which the second is
    gone only where the first has found too few: it stands in the same statement, and costs nothing then."""
    quick = _among_all(further).cte("quick")
    found_all = select(func.count()).select_from(quick).scalar_subquery() == _MOST
    places = union_all(select(quick.c.id).where(found_all), _by_author(further).where(~found_all)).cte("places")
    return newest_cards(func.array(select(places.c.id).scalar_subquery(), type_=ARRAY(Uuid)))


def _of_friends(further: bool) -> Prepared:
    """The newest `most` posts of the friends of `viewer`."""
    return newest_cards(func.array(_by_friend(further).scalar_subquery(), type_=ARRAY(Uuid)), all_open=False)


def _among_all(further: bool) -> Select[UUID]:
    """The followed authors' among the newest posts of all, of which four are looked at for each followed author: that
    often finds a page where many of those who write are followed, and is little beside what `_by_author` reads."""
    newest = _open_posts(further).limit(_SHARE * _followed_at_most(AMONG // _SHARE)).subquery()
    follows = exists().where(Follow.follower_id == _VIEWER, Follow.followed_id == newest.c.author_id)
    wanted = ~is_muted(_VIEWER, newest.c.author_id)
    asked = select(newest.c.id).where(newest.c.author_kind == PERSON, follows, wanted)
    return asked.order_by(newest.c.published_at.desc(), newest.c.id.desc()).limit(_MOST)


def _followed_at_most(most: int) -> ColumnElement[int]:
    """How many the viewer follows; more than `most` are not counted."""
    followed = select(Follow.followed_id).where(Follow.follower_id == _VIEWER).limit(most).subquery()
    return select(func.count()).select_from(followed).scalar_subquery()


def _by_author(further: bool) -> Select[UUID]:
    """The newest posts of each followed author by his own index, then the newest of those: it reads `most` rows an
    author at worst, however much he wrote (shared/speed.md: 0.4 ms of 71 authors above 1,000 followers)."""
    followed = _followed().subquery()
    posts = _open_posts(further).where(Post.author_id == followed.c.followed_id, Post.author_kind == PERSON)
    latest = posts.limit(_MOST).correlate(followed).lateral()
    asked = select(latest.c.id).select_from(followed.join(latest, true()))
    return asked.order_by(latest.c.published_at.desc(), latest.c.id.desc()).limit(_MOST)


def _by_friend(further: bool) -> Select[UUID]:
    """The same of friends, with what only they may see."""
    friends = _followed().where(are_friends(_VIEWER, Follow.followed_id)).subquery()
    posts = _placed(select(Post.id, Post.published_at).where(friends_posts(_VIEWER, friends.c.followed_id)), further)
    latest = posts.limit(_MOST).correlate(friends).lateral()
    asked = select(latest.c.id).select_from(friends.join(latest, true()))
    return asked.order_by(latest.c.published_at.desc(), latest.c.id.desc()).limit(_MOST)


def _followed() -> Select[UUID]:
    """Those whom the viewer follows and has not muted."""
    return select(Follow.followed_id).where(Follow.follower_id == _VIEWER, ~is_muted(_VIEWER, Follow.followed_id))


def _open_posts(further: bool) -> Select[*tuple[Any, ...]]:
    """Posts that everybody may see, newest first; `further`: those after a place."""
    wanted = select(Post.id, Post.published_at, Post.author_id, Post.author_kind)
    return _placed(wanted.where(visible_posts(), ~is_unwanted(_VIEWER, Post.title, Post.body)), further)


def _placed(wanted: Select[*tuple[Any, ...]], further: bool) -> Select[*tuple[Any, ...]]:
    """These posts in their order, or those of them after a place."""
    wanted = wanted.where(Post.published_at.is_not(None))
    if further:
        wanted = wanted.where(tuple_(Post.published_at, Post.id) < tuple_(_TIME, _ID))
    return wanted.order_by(Post.published_at.desc(), Post.id.desc())


_VIEWER, _MOST = bindparam("viewer", type_=Uuid), bindparam("most", type_=Integer)
_TIME, _ID = bindparam("time", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid)
_FOLLOWING, _FOLLOWING_ON = _following(False), _following(True)
_FRIENDS, _FRIENDS_ON = _of_friends(False), _of_friends(True)


def _carded(caller: Caller, ids: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
    cards = open_cards(caller.person_id, ids)
    return [(one, cards[one]) for one in ids if one in cards]
