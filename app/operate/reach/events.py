"""What people say of being told."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ContactAsked(Fact):
    """A person has named an address: a code is to be sent there, by which he shows that it is his."""

    person_id: UUID
    medium: str
