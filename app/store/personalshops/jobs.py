"""What resellers hear."""

from collections.abc import Sequence

from app.core.events import on
from app.store.inventory.events import StockRanOut, StockReturned
from app.store.personalshops import actions


@on(StockRanOut, StockReturned)
def tell_resellers_of_stock(facts: Sequence[StockRanOut | StockReturned]) -> None:
    """Search is told anew of goods that draw on stock that ran out or came back."""
    actions.tell_of_stock([one.sku_id for one in facts])
