"""Facts about likes and collects."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PostLiked(Fact):
    post_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PostUnliked(Fact):
    post_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PostCollected(Fact):
    post_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PostUncollected(Fact):
    post_id: UUID
    person_id: UUID
