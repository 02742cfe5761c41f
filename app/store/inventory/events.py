"""What happens to stock."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class StockRanOut(Fact):
    """The last available unit was taken (held, or set to zero)."""

    sku_id: UUID


@dataclass(frozen=True, slots=True)
class StockReturned(Fact):
    """There is something to sell again after there was nothing."""

    sku_id: UUID


@dataclass(frozen=True, slots=True)
class StockRanLow(Fact):
    """So few are left that the shop wants to know."""

    sku_id: UUID


@dataclass(frozen=True, slots=True)
class StockRefilled(Fact):
    """There are more again than the shop wants to be told of."""

    sku_id: UUID
