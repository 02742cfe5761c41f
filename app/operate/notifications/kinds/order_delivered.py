"""The carrier says that a parcel of my order has arrived."""

from typing import Any

from app.operate.notifications.kinds.order_shipped import OrderShippedKind
from app.store.delivery.events import ParcelDelivered
from app.store.delivery.models import Package


class OrderDeliveredKind(OrderShippedKind):
    name = "order_delivered"
    called = {"zh": "包裹签收", "en": "Parcel arrived"}
    zh = "「{title}」的包裹已送达，记得确认收货"
    en = "The parcel of “{title}” has arrived"
    facts = (ParcelDelivered,)

    def when(self) -> Any:
        return Package.delivered_at


kind = OrderDeliveredKind()
