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
    review_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewWithdrawn(Fact):
    """The review is gone; its line may be reviewed again."""

    review_id: UUID
    product_id: UUID
