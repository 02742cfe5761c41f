"""What settlement hears, and what is due by time."""

from collections.abc import Sequence

from app.core.events import on, within
from app.core.worker import every
from app.store.aftersales.events import CaseClosed
from app.store.fulfilment.events import OrderCancelled, OrderReceived, ReceiptUndone
from app.store.refunds.events import RefundGranted
from app.store.settlement import actions


@within(OrderReceived, OrderCancelled)
def settle_later(fact: OrderReceived | OrderCancelled) -> None:
    """The order is over; the time for after-sales begins."""
    actions.settle_later([fact.order_id])


@within(ReceiptUndone)
def wait_again(fact: ReceiptUndone) -> None:
    """A redemption was undone: what was received is not."""
    actions.wait_again(fact.order_id)


@on(OrderReceived, OrderCancelled)
def settle_older_orders(facts: Sequence[OrderReceived | OrderCancelled]) -> None:
    """Orders that were over before there was settlement, or in processes of the version before it."""
    actions.settle_later(sorted({fact.order_id for fact in facts}))


@within(RefundGranted)
def correct_refunded(fact: RefundGranted) -> None:
    """Something of an order went back."""
    actions.look_again(fact.order_id)


@within(CaseClosed)
def correct_case(fact: CaseClosed) -> None:
    """A case may have cost its shop the way back."""
    actions.look_again(fact.order_id)


@every(seconds=1)
def settle_due_orders() -> int:
    """Orders whose time for after-sales is over, and settled ones of which something went back."""
    return actions.settle_due()
