"""What happens to posts. Listeners read the post again: it may be gone by then."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PostSubmitted(Fact):
    """Written, not yet approved; moderation answers in the same transaction with approve or hold."""

    post_id: UUID


@dataclass(frozen=True, slots=True)
class PostPublished(Fact):
    """For the first time open to everybody."""

    post_id: UUID


@dataclass(frozen=True, slots=True)
class PostEdited(Fact):
    """Its words, pictures, topics or tags changed; it may be one that is not open to everybody."""

    post_id: UUID


@dataclass(frozen=True, slots=True)
class PostHidden(Fact):
    """No longer open to everybody: made private, taken down, held or deleted."""

    post_id: UUID


@dataclass(frozen=True, slots=True)
class PostShown(Fact):
    """Open to everybody again."""

    post_id: UUID


@dataclass(frozen=True, slots=True)
class AuthorCardsOutdated(Fact):
    """Posts' own note: the cards of a person's posts below `before` still show him as he was."""

    person_id: UUID
    before: UUID


@dataclass(frozen=True, slots=True)
class GoodsTagsOutdated(Fact):
    """Posts' own note: some tags of a product still have a title that it no longer has."""

    product_id: UUID
