"""My order counts as received: by myself, or by itself, so that I know that its time for after-sales runs."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from app.operate.notifications.kinds.base import Happening, Key, told_by
from app.operate.notifications.kinds.order_paid import OrderPaidKind, of_buyers
from app.store.fulfilment.events import OrderReceived, ReceiptUndone
from app.store.fulfilment.models import RECEIVED, OrderProgress
from app.store.orders.models import Order, Purchase


class OrderReceivedKind(OrderPaidKind):
    name = "order_received"
    called = {"zh": "确认收货", "en": "Order received"}
    zh = "「{title}」已确认收货，去写评价吧"
    en = "“{title}” is received: say how you like it"
    is_undone = True
    facts: tuple[type[Any], ...] = (OrderReceived, ReceiptUndone)

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        ids = [one.target_id for one in keys]
        asked = select(Purchase.buyer_id, Order.id, Order.id, OrderProgress.received_at).select_from(OrderProgress)
        asked = of_buyers(asked.join(Order, Order.id == OrderProgress.order_id))
        had = (OrderProgress.fulfilment == RECEIVED, OrderProgress.received_at.is_not(None))
        return told_by(asked.where(Order.id.in_(ids), *had))


kind = OrderReceivedKind()
