"""What happens to the money of paid orders."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class RefundGranted(Fact):
    """Something of an order goes back, to its buyer and to those who gave towards it."""

    grant_id: UUID
    order_id: UUID
