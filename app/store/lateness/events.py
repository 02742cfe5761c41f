"""What happens to orders that wait too long."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class OrderLate(Fact):
    """Not all of an order was sent in time; once an order."""

    order_id: UUID
