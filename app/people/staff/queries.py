"""Questions of staff about people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select, tuple_

from app.core import counters
from app.core.db import db
from app.people.accounts.models import ROLES, Person, Role, Suspension, key_of
from app.people.accounts.queries import person_or_missing
from app.people.factors.queries import who_have_second_factors

STAFF = ("moderator", "admin")
EVERYBODY, SUSPENDED = "all", "suspended"
SHOWN = (EVERYBODY, "staff", SUSPENDED)
"""What the list of people can be narrowed to."""
Place = tuple[datetime, UUID]
"""Where a page goes on: when the last person before it joined, and his id."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A person as staff see him. `posts`: those that everybody sees; `reports` and `takedowns` of what he wrote: how
    often somebody reported it, and how much of it is taken down."""

    person: Person
    roles: tuple[str, ...]
    suspension: Suspension | None
    has_second_factor: bool
    posts: int
    reports: int
    takedowns: int

    @property
    def is_staff(self) -> bool:
        return any(role in STAFF for role in self.roles)

    @property
    def free_roles(self) -> list[str]:
        """Those that he has not."""
        return [role for role in ROLES if role not in self.roles]


def people(limit: int, wanted: str, shown: str, after: Place | None) -> list[Standing]:
    """People, who joined last first. `wanted`: an id, or how a username or nickname begins; "" for all. 5 queries."""
    asked = select(Person).where(*_called(wanted), *_narrowed(shown))
    if after is not None:
        asked = asked.where(tuple_(Person.created_at, Person.id) < tuple_(*map(literal, after)))
    found = db.session.scalars(asked.order_by(Person.created_at.desc(), Person.id.desc()).limit(limit)).all()
    return _standings(found)


def standing_or_missing(person_id: UUID) -> Standing:
    """One person. Raises Refused 404."""
    return _standings([person_or_missing(person_id)])[0]


def roles_of(ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The roles of these people. One query."""
    found: dict[UUID, set[str]] = {one: set() for one in ids}
    for person_id, role in db.session.execute(select(Role.person_id, Role.role).where(Role.person_id.in_(ids))):
        found[person_id].add(role)
    return found


def has_an_admin() -> bool:
    """Whether there is an admin who is not suspended."""
    free = ~exists().where(Suspension.person_id == Role.person_id)
    return db.session.scalar(select(Role.person_id).where(Role.role == "admin", free).limit(1)) is not None


def _called(wanted: str) -> list[ColumnElement[bool]]:
    if not wanted:
        return []
    try:
        return [Person.id == UUID(wanted)]
    except ValueError:
        username = Person.username_key.startswith(key_of(wanted), autoescape=True)
        return [or_(username, Person.nickname.startswith(wanted, autoescape=True))]


def _narrowed(shown: str) -> list[ColumnElement[bool]]:
    if shown == SUSPENDED:
        return [exists().where(Suspension.person_id == Person.id)]
    if shown == "staff":
        return [exists().where(and_(Role.person_id == Person.id, Role.role.in_(STAFF)))]
    return []


def _standings(found: Sequence[Person]) -> list[Standing]:
    ids = [one.id for one in found]
    counts, roles, proven = counters.of(ids), roles_of(ids), who_have_second_factors(ids)
    asked = select(Suspension).where(Suspension.person_id.in_(ids))
    suspended = {one.person_id: one for one in db.session.scalars(asked)}
    return [
        Standing(
            person=one,
            roles=tuple(sorted(roles[one.id])),
            suspension=suspended.get(one.id),
            has_second_factor=one.id in proven,
            **{name: counts[one.id].get(name, 0) for name in ("posts", "reports", "takedowns")},
        )
        for one in found
    ]
