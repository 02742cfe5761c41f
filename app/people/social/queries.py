"""Questions about what one person is to another, and the page of a person."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, exists, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core import clock, counters, paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.plain import Prepared
from app.people.accounts.queries import author_cards, profile_or_missing
from app.people.social.models import Block, Follow, Mute, Remark

COUNTS = ("followers", "following", "posts")
Who = UUID | ColumnElement[UUID] | InstrumentedAttribute[UUID]
"""A person, or an SQL expression that says which."""


def followed_among(viewer_id: UUID | None, ids: Collection[UUID]) -> set[UUID]:
    """Those of `ids` whom the viewer follows; nobody for a stranger. At most one query."""
    if viewer_id is None or not ids:
        return set()
    return set(db.session.scalars(followed_ids_query(viewer_id).where(Follow.followed_id.in_(set(ids)))))


def followed_ids_query(viewer_id: UUID) -> Select[UUID]:
    """SQL for the ids of all whom the viewer follows; for joins, `in_()` and lateral subqueries."""
    return select(Follow.followed_id).where(Follow.follower_id == viewer_id)


def are_near(one: Who, other: Who) -> ColumnElement[bool]:
    """SQL: neither of the two has blocked the other."""
    first, second = aliased(Block), aliased(Block)
    by_one = exists().where(first.blocker_id == one, first.blocked_id == other)
    return and_(~by_one, ~exists().where(second.blocker_id == other, second.blocked_id == one))


def are_friends(one: Who, other: Who) -> ColumnElement[bool]:
    """SQL: they follow each other."""
    there, back = aliased(Follow), aliased(Follow)
    follows = exists().where(there.follower_id == one, there.followed_id == other)
    return and_(follows, exists().where(back.follower_id == other, back.followed_id == one))


def is_muted(person: Who, other: Who) -> ColumnElement[bool]:
    """SQL: the person wants to be spared what the other writes, at this moment. Whether he has muted anybody is asked
    once a statement, so that it costs others nothing."""
    mine = Mute.person_id == person
    lasts = or_(Mute.until.is_(None), Mute.until > clock.db_now())
    return and_(exists().where(mine), exists().where(mine, Mute.muted_id == other, lasts))


def has_blocked(blocker_id: UUID, blocked_id: UUID) -> bool:
    """Whether this person has blocked that one."""
    return db.session.get(Block, (blocker_id, blocked_id)) is not None


def require_near(viewer_id: UUID | None, person_id: UUID) -> None:
    """Raises Refused 404 for who has blocked the viewer: to him there is no such person."""
    if viewer_id is not None and has_blocked(person_id, viewer_id):
        raise missing("没有这个人", "No such person.")


def near_among(viewer_id: UUID | None, ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who are not kept apart from the viewer by a block. At most one query."""
    if viewer_id is None or not ids:
        return set(ids)
    mine = select(Block.blocked_id).where(Block.blocker_id == viewer_id, Block.blocked_id.in_(set(ids)))
    theirs = select(Block.blocker_id).where(Block.blocked_id == viewer_id, Block.blocker_id.in_(set(ids)))
    return set(ids) - set(db.session.scalars(mine.union_all(theirs)))


def friends_among(viewer_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who are the viewer's friends. At most one query."""
    if not ids:
        return set()
    back = aliased(Follow)
    mutual = and_(back.follower_id == Follow.followed_id, back.followed_id == Follow.follower_id)
    found = followed_ids_query(viewer_id).join(back, mutual).where(Follow.followed_id.in_(set(ids)))
    return set(db.session.scalars(found))


def person_page(viewer_id: UUID | None, person_id: UUID) -> dict[str, Any]:
    """What everybody sees of a person, and what he is to the viewer. Four queries. Raises Refused 404, also to whom he
    has blocked."""
    require_near(viewer_id, person_id)
    profile = profile_or_missing(person_id)
    counts = counters.of([person_id]).get(person_id, {})
    return {
        **profile,
        "counts": {name: counts.get(name, 0) for name in COUNTS},
        "viewer": _ties(viewer_id, person_id),
    }


def people_page(
    viewer_id: UUID | None, which: str, person_id: UUID, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the people who are this to a person (a key of LISTS), the latest first, with the viewer's remarks.

    Those whom a block keeps apart from the viewer are left out, but for his own list of blocks. Three queries."""
    scope = f"people-of:{which}:{person_id}"
    other, at, where, *join = LISTS[which]
    wanted = select(other.label("person_id"), at.label("at")).where(where == person_id)
    wanted = wanted.join(*join) if join else wanted
    if viewer_id is not None and which != "blocks":
        wanted = wanted.where(are_near(viewer_id, other))
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(
            tuple_(at, other) < tuple_(literal(datetime.fromisoformat(place[0])), literal(UUID(place[1])))
        )
    rows = db.session.execute(wanted.order_by(at.desc(), other.desc()).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    ids = [row.person_id for row in rows[:limit]]
    cards, remarks = author_cards(ids), remarks_of(viewer_id, ids)
    items = [{**cards[one], "remark": remarks.get(one, "")} for one in ids if one in cards]
    return items, paging.cursor(scope, [iso(last.at), str(last.person_id)]) if last else None


def remarks_of(viewer_id: UUID | None, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the viewer calls these people, where he does. At most one query."""
    if viewer_id is None or not ids:
        return {}
    mine = select(Remark.about_id, Remark.words).where(Remark.person_id == viewer_id, Remark.about_id.in_(ids))
    return {row.about_id: row.words for row in db.session.execute(mine)}


def _ties(viewer_id: UUID | None, person_id: UUID) -> dict[str, Any]:
    """What the person is to the viewer."""
    if viewer_id is None:
        return {"following": False, "follows": False, "friend": False, "blocking": False, "muted": False, "remark": ""}
    [row] = _TIES.rows(viewer=viewer_id, person=person_id)
    return {**row._asdict(), "friend": row.following and row.follows, "remark": row.remark or ""}


_VIEWER, _PERSON = bindparam("viewer", type_=Uuid), bindparam("person", type_=Uuid)
_TIES = Prepared(
    select(
        exists().where(Follow.follower_id == _VIEWER, Follow.followed_id == _PERSON).label("following"),
        exists().where(Follow.follower_id == _PERSON, Follow.followed_id == _VIEWER).label("follows"),
        exists().where(Block.blocker_id == _VIEWER, Block.blocked_id == _PERSON).label("blocking"),
        is_muted(_VIEWER, _PERSON).label("muted"),
        select(Remark.words)
        .where(Remark.person_id == _VIEWER, Remark.about_id == _PERSON)
        .scalar_subquery()
        .label("remark"),
    )
)
_BACK = aliased(Follow)
_MUTUAL = and_(_BACK.follower_id == Follow.followed_id, _BACK.followed_id == Follow.follower_id)
LISTS: dict[str, tuple[Any, ...]] = {
    "followers": (Follow.follower_id, Follow.at, Follow.followed_id),
    "following": (Follow.followed_id, Follow.at, Follow.follower_id),
    "friends": (Follow.followed_id, Follow.at, Follow.follower_id, _BACK, _MUTUAL),
    "blocks": (Block.blocked_id, Block.at, Block.blocker_id),
    "mutes": (Mute.muted_id, Mute.at, Mute.person_id),
}
"""The lists of people that there are: who stands in them, since when, and whose list it is."""
