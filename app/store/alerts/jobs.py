"""Listeners of stock, and the telling of those who wait."""

from collections.abc import Sequence

from app.core.events import on
from app.core.worker import every
from app.store.alerts.actions import note_back, note_low, tell_due
from app.store.inventory.events import StockRanLow, StockRefilled, StockReturned


@on(StockRanLow, StockRefilled)
def note_low_stock(facts: Sequence[StockRanLow | StockRefilled]) -> None:
    note_low({one.sku_id for one in facts})


@on(StockReturned)
def note_what_is_back(facts: Sequence[StockReturned]) -> None:
    note_back({one.sku_id for one in facts})


@every(seconds=1)
def tell_who_waits() -> int:
    return tell_due()
