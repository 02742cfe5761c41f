"""People who can be found by name."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select

from app.core import counters
from app.core.db import db
from app.core.events import Fact
from app.discover.finder.kinds.base import Kind, ids_of, walk
from app.people.accounts.events import PersonChanged, PersonJoined, PersonReinstated, PersonSuspended
from app.people.accounts.models import Person, Suspension
from app.people.social.events import PersonFollowed, PersonUnfollowed
from app.store.storefronts.queries import is_key
from search.documents import PersonDocument

_OF_PERSON = (PersonJoined, PersonChanged, PersonSuspended, PersonReinstated)
_OF_FOLLOWED = (PersonFollowed, PersonUnfollowed)


class PersonKind:
    name = PersonDocument.KIND
    facts: tuple[type[Fact], ...] = (*_OF_PERSON, *_OF_FOLLOWED)

    def touched(self, facts: Sequence[Fact]) -> set[UUID]:
        return ids_of(facts, _OF_PERSON, "person_id") | ids_of(facts, _OF_FOLLOWED, "followed_id")

    def documents(self, ids: Collection[UUID], version: int) -> list[PersonDocument]:
        people = db.session.scalars(select(Person).where(Person.id.in_(ids), _may_be_found())).all()
        counts = counters.of([person.id for person in people])
        return [
            PersonDocument(
                id=person.id,
                version=version,
                nickname=person.nickname,
                username=person.username,
                bio=person.bio,
                followers=counts[person.id].get("followers", 0),
            )
            for person in people
        ]

    def visible(self, ids: Collection[UUID]) -> set[UUID]:
        return set(db.session.scalars(select(Person.id).where(Person.id.in_(ids), _may_be_found())))

    def all_ids(self, size: int) -> Iterator[list[UUID]]:
        return walk(Person.id, _may_be_found(), size)

    def how_many(self) -> int:
        return db.session.scalar(select(func.count()).select_from(Person).where(_may_be_found())) or 0


def _may_be_found() -> ColumnElement[bool]:
    return ~exists().where(Suspension.person_id == Person.id) & ~is_key(Person.id)


kind: Kind = PersonKind()
