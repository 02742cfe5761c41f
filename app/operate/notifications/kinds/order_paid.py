"""My order is paid: for the inbox alone, since I have just paid it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.core.caller import PERSON, Ref
from app.core.db import db
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import INBOX, ORDERS
from app.store.orders.events import OrderPaid
from app.store.orders.models import PAID, Order, OrderLine, Purchase


def orders_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """One's own orders, by their first goods. One query."""
    mine = (Purchase.buyer_kind == PERSON, Purchase.buyer_id == viewer_id)
    asked = select(Order.id, OrderLine.title).join(Purchase, Purchase.id == Order.purchase_id)
    asked = asked.join(OrderLine, OrderLine.order_id == Order.id).where(Order.id.in_(ids), *mine)
    rows = db.session.execute(asked.ext(distinct_on(Order.id)).order_by(Order.id, OrderLine.position))
    return {row.id: Seen(Ref("order", row.id), row.title) for row in rows}


class OrderPaidKind(Kind):
    name = "order_paid"
    tab = ORDERS
    called = {"zh": "付款成功", "en": "Order paid"}
    zh = "「{title}」已付款，等待商家发货"
    en = "“{title}” is paid and will be sent"
    media = frozenset({INBOX})
    is_undone = False
    facts: tuple[type[Any], ...] = (OrderPaid,)
    look = staticmethod(orders_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.order_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        ids = [one.target_id for one in keys]
        asked = of_buyers(select(Purchase.buyer_id, Order.id, Order.id, Purchase.paid_at))
        return told_by(asked.where(Order.id.in_(ids), Purchase.status == PAID))


def of_buyers(asked: Any) -> Any:
    """SQL: with Order, its Purchase, where a person bought it; guests have no inbox."""
    return asked.join(Purchase, Purchase.id == Order.purchase_id).where(Purchase.buyer_kind == PERSON)


kind = OrderPaidKind()
