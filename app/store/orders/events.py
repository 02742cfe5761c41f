"""What happens to purchases."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PurchasePlaced(Fact):
    """A checkout became a purchase; it waits for its payment. `personal`: 0 where nothing in it is sold by a person
    (second-hand), so that whoever cares for such goods need not look."""

    purchase_id: UUID
    personal: int = 1


@dataclass(frozen=True, slots=True)
class PurchasePaid(Fact):
    """The whole purchase is paid; once a purchase. `personal` as in PurchasePlaced; `fetched`: 0 where no order of it
    is fetched at a counter."""

    purchase_id: UUID
    personal: int = 1
    fetched: int = 1


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
