"""Questions about who works in a shop, who is asked to, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from app.core import clock, paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.people.accounts.models import Person
from app.people.accounts.queries import author_cards
from app.store.shops.models import Shop, Staff
from app.store.staffing.models import Invitation, StaffLog


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log with the nicknames of those in it."""

    row: StaffLog
    who: str
    person: str


def staff_of(shop_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of who works in a shop, by their ids: the person, his role. Two queries."""
    scope = f"staff:{shop_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(Staff.person_id, Staff.role, Person.username).join(Person, Person.id == Staff.person_id)
    wanted = wanted.where(Staff.shop_id == shop_id).order_by(Staff.person_id).limit(limit + 1)
    if place is not None:
        wanted = wanted.where(Staff.person_id > UUID(place[0]))
    rows = db.session.execute(wanted).all()
    cards = author_cards([row.person_id for row in rows[:limit]])
    items = [
        {
            "id": row.person_id,
            "kind": "staff",
            "role": row.role,
            "username": row.username,
            "person": cards[row.person_id],
        }
        for row in rows[:limit]
    ]
    following = paging.cursor(scope, [str(rows[limit - 1].person_id)]) if len(rows) > limit else None
    return {"items": items, "next": following}


def invitations_of_shop(shop_id: UUID) -> dict[str, Any]:
    """All open invitations of a shop, newest first, as {items, next}; there are at most MOST_INVITATIONS. Two
    queries."""
    wanted = select(Invitation).where(Invitation.shop_id == shop_id, _is_open()).order_by(Invitation.at.desc())
    return {"items": _shown(db.session.execute(wanted.add_columns(Shop.name).join(Shop)).all()), "next": None}


def invitations_of(person_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the open invitations of a person, newest first. Two queries."""
    scope = f"me/invitations:{person_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(Invitation, Shop.name).join(Shop).where(Invitation.person_id == person_id, _is_open())
    if place is not None:
        wanted = wanted.where(tuple_(Invitation.at, Invitation.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest_first = wanted.order_by(Invitation.at.desc(), Invitation.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest_first).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None
    return {"items": _shown(rows[:limit]), "next": following}


def has_invitation(person_id: UUID) -> bool:
    """Whether anybody waits for this person's answer."""
    return db.session.scalar(select(Invitation.id).where(Invitation.person_id == person_id, _is_open())) is not None


def open_invitations(shop_id: UUID) -> int:
    """How many of a shop wait for an answer."""
    counted = select(func.count()).select_from(Invitation).where(Invitation.shop_id == shop_id, _is_open())
    return db.session.scalar(counted) or 0


def open_invitation(invitation_id: UUID, person_id: UUID) -> Invitation:
    """An open invitation of this person, its row locked. Raises Refused 404 for another's, and for one that is over."""
    mine = (Invitation.id == invitation_id, Invitation.person_id == person_id, _is_open())
    return _found(db.session.scalar(select(Invitation).where(*mine).with_for_update()))


def invitation_of_shop(invitation_id: UUID, shop_id: UUID) -> Invitation:
    """An invitation of this shop, its row locked. Raises Refused 404."""
    mine = (Invitation.id == invitation_id, Invitation.shop_id == shop_id)
    return _found(db.session.scalar(select(Invitation).where(*mine).with_for_update()))


def log_of(shop_id: UUID, limit: int) -> list[LogLine]:
    """The last lines of a shop's log, the latest first. Two queries."""
    newest = select(StaffLog).where(StaffLog.shop_id == shop_id).order_by(StaffLog.id.desc()).limit(limit)
    rows = db.session.scalars(newest).all()
    cards = author_cards({one.who_id for one in rows} | {one.person_id for one in rows})
    names = {one: card["nickname"] for one, card in cards.items()}
    return [LogLine(one, names.get(one.who_id, ""), names.get(one.person_id, "")) for one in rows]


def shown_invitation(found: Invitation) -> dict[str, Any]:
    """An invitation ready for JSON."""
    name = db.session.scalar(select(Shop.name).where(Shop.id == found.shop_id))
    return _shown([(found, name)])[0]


def _found(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise missing("没有这个邀请，或者已经失效", "There is no such invitation, or it is over.")
    return invitation


def _is_open() -> Any:
    return Invitation.expires_at > clock.db_now()


def _shown(rows: Sequence[Any]) -> list[dict[str, Any]]:
    people = author_cards({one.person_id for one, _ in rows} | {one.by_id for one, _ in rows})
    return [
        {
            "id": one.id,
            "kind": "invitation",
            "shop": {"id": one.shop_id, "name": name},
            "role": one.role,
            "person": people.get(one.person_id),
            "by": people.get(one.by_id),
            "created_at": one.at,
            "expires_at": one.expires_at,
        }
        for one, name in rows
    ]
