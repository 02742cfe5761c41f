"""What happens to comments."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class CommentWritten(Fact):
    comment_id: UUID
    post_id: UUID


@dataclass(frozen=True, slots=True)
class CommentHidden(Fact):
    """Deleted, held or taken down."""

    comment_id: UUID
    post_id: UUID


@dataclass(frozen=True, slots=True)
class CommentShown(Fact):
    """No longer held or taken down."""

    comment_id: UUID
    post_id: UUID


@dataclass(frozen=True, slots=True)
class CommentLiked(Fact):
    comment_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class CommentUnliked(Fact):
    comment_id: UUID
    person_id: UUID
