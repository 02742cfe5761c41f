"""Facts about what one person is to another."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PersonFollowed(Fact):
    follower_id: UUID
    followed_id: UUID


@dataclass(frozen=True, slots=True)
class PersonUnfollowed(Fact):
    follower_id: UUID
    followed_id: UUID


@dataclass(frozen=True, slots=True)
class PersonBlocked(Fact):
    blocker_id: UUID
    blocked_id: UUID


@dataclass(frozen=True, slots=True)
class PersonUnblocked(Fact):
    blocker_id: UUID
    blocked_id: UUID
