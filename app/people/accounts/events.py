"""Facts about people."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PersonJoined(Fact):
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonChanged(Fact):
    """What others see of a person is not what it was: name, bio, avatar or badges."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonSuspended(Fact):
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonReinstated(Fact):
    person_id: UUID
