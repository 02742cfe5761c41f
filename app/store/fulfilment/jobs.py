"""What paid orders hear."""

from collections.abc import Sequence

from app.core.events import on, within
from app.store.fulfilment import actions
from app.store.orders.events import PurchasePaid


@within(PurchasePaid)
def begin_orders(fact: PurchasePaid) -> None:
    """Whoever has paid may expect something."""
    actions.begin([fact.purchase_id])


@on(PurchasePaid)
def begin_orders_of_older_processes(facts: Sequence[PurchasePaid]) -> None:
    """While a new version is brought in, purchases are paid in processes of the old one, which know no fulfilment."""
    actions.begin([fact.purchase_id for fact in facts])
