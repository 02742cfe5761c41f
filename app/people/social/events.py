"""Facts about following."""

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
