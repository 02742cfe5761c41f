"""A parcel of my order is on its way; several of one day are one notice."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from app.operate.notifications.kinds.base import Happening, Key, Kind, told_by
from app.operate.notifications.kinds.order_paid import of_buyers, orders_seen
from app.operate.notifications.models import ORDERS
from app.store.delivery.events import PackageShipped
from app.store.delivery.models import Package
from app.store.orders.models import Order, Purchase


class OrderShippedKind(Kind):
    name = "order_shipped"
    tab = ORDERS
    called = {"zh": "商家发货", "en": "Order sent"}
    zh = "「{title}」已发货"
    en = "“{title}” is on its way"
    is_undone = False
    facts: tuple[type[Any], ...] = (PackageShipped,)
    look = staticmethod(orders_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.order_id, one.package_id) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        known: ColumnElement[bool] = Package.id.in_([one.source_id for one in keys])
        asked = of_buyers(
            select(Purchase.buyer_id, Order.id, Package.id, self.when())
            .select_from(Package)
            .join(Order, Order.id == Package.order_id)
        )
        return told_by(asked.where(known, self.when().is_not(None)))

    def when(self) -> Any:
        """The column of a package that says when."""
        return Package.shipped_at


kind = OrderShippedKind()
