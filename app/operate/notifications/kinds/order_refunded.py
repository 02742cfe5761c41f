"""Money of my order goes back to me."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from app.operate.notifications.kinds.base import Happening, Key, Kind, told_by
from app.operate.notifications.kinds.order_paid import of_buyers, orders_seen
from app.operate.notifications.models import ORDERS
from app.store.orders.models import Order, Purchase
from app.store.refunds.events import RefundGranted
from app.store.refunds.models import Grant


class OrderRefundedKind(Kind):
    name = "order_refunded"
    tab = ORDERS
    called = {"zh": "退款", "en": "Refunds"}
    zh = "「{title}」的退款已同意，将原路退回"
    en = "A refund of “{title}” is granted and on its way back to you"
    is_undone = False
    facts = (RefundGranted,)
    look = staticmethod(orders_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.order_id, one.grant_id) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Purchase.buyer_id, Order.id, Grant.id, Grant.at).select_from(Grant)
        asked = of_buyers(asked.join(Order, Order.id == Grant.order_id))
        granted = (Grant.id.in_([one.source_id for one in keys]), Grant.amount > 0)
        return told_by(asked.where(*granted))


kind = OrderRefundedKind()
