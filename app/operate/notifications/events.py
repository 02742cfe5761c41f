"""A notice is there; and notifications' own notes of what was too much for one transaction."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class NoticeRaised(Fact):
    """A notice is in its person's inbox that was not there, or that had been taken back."""

    notice_id: UUID


@dataclass(frozen=True, slots=True)
class FriendsToldInPart(Fact):
    """Of a post its author's friends up to the id `after` have been told."""

    post_id: UUID
    after: UUID


@dataclass(frozen=True, slots=True)
class NoticesLeft(Fact):
    """Some notices of this kind are left about what is gone: `subject_id` as in Kind.gone."""

    kind: str
    subject_id: UUID
