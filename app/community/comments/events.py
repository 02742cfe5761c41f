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
    """Deleted or taken down."""

    comment_id: UUID
    post_id: UUID


@dataclass(frozen=True, slots=True)
class CommentShown(Fact):
    """No longer taken down."""

    comment_id: UUID
    post_id: UUID
