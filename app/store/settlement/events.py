"""What happens to the money of orders that are over."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class OrderSettled(Fact):
    """What an order left is its shop's; once an order."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class SettlementCorrected(Fact):
    """Something of a settled order went back, and the books of its shop follow."""

    order_id: UUID
