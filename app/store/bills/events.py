"""What happens to bills."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class BillIssued(Fact):
    """A period is over; its bill waits for the shop."""

    bill_id: UUID
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class BillConfirmed(Fact):
    """By the shop, or by itself after some days."""

    bill_id: UUID
    shop_id: UUID
