"""What happens to reviews."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ReviewWritten(Fact):
    review_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewChanged(Fact):
    """It says something else than before, or shows other pictures."""

    review_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewWithdrawn(Fact):
    """The review is gone; its line may be reviewed again."""

    review_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewFollowedUp(Fact):
    """Its author has said something more, after a while."""

    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewReplied(Fact):
    """The shop has replied, or has changed its reply."""

    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewHelped(Fact):
    """Somebody finds it helpful, or no longer does."""

    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewTakenDown(Fact):
    review_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewRestored(Fact):
    review_id: UUID
    product_id: UUID
