"""What happens to promotions."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PromotionReturned(Fact):
    """What a purchase had used of a promotion is free again: nothing is left of the orders that it was for."""

    promotion_id: UUID
    purchase_id: UUID
