"""What happens to purchases."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PurchasePlaced(Fact):
    """A checkout became a purchase; it waits for its payment."""

    purchase_id: UUID


@dataclass(frozen=True, slots=True)
class PurchasePaid(Fact):
    """The whole purchase is paid; once a purchase."""

    purchase_id: UUID


@dataclass(frozen=True, slots=True)
class OrderPaid(Fact):
    """An order of a paid purchase; once an order."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class PurchaseLapsed(Fact):
    """Not paid in time; its stock was given back."""

    purchase_id: UUID


@dataclass(frozen=True, slots=True)
class PurchaseCancelled(Fact):
    """Given up by its buyer before it was paid; its stock was given back."""

    purchase_id: UUID
