"""Pages of a shop's orders, and what it has sold of late, for those who work there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.charts import bars
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, page
from app.store.fulfilment.queries import order_page, orders_of_shop
from app.store.fulfilment.schemas import ShopOrdersQuery
from app.store.orders.schemas import STATUSES
from app.store.sales.queries import sales_of_shop
from app.store.shops.queries import require_staff

door = PageDoor("sales", __name__, who=PERSON)
menu.add(menu.SHOP, "/orders", "订单与数据", "Orders and figures", order=20)


@door.get("/portal/shops/<uuid:shop_id>/orders")
def list_orders(caller: Caller, shop_id: UUID) -> str:
    """A shop's orders, newest first, of one status or of all; and its sales of the last 30 days."""
    shop = require_staff(shop_id, caller.person)
    asked = ShopOrdersQuery().load({name: one for name, one in request.args.items() if one})
    found = orders_of_shop(shop_id, caller.person, **asked)
    days = sales_of_shop(shop_id)
    charts = {
        "revenue": bars([(f"{one.day:%m-%d}", one.revenue) for one in days]),
        "paid_orders": sum(one.orders for one in days),
        "total": sum(one.revenue for one in days),
    }
    listed = {"orders": [_timed(one) for one in found["items"]], "next": found["next"]}
    return page("sales_shop.html", shop=shop, status=asked["status"], statuses=STATUSES, **listed, **charts)


@door.get("/portal/orders/<uuid:order_id>")
def show_order(caller: Caller, order_id: UUID) -> str:
    """One order of a shop where the caller works; where it goes is shown once it is paid."""
    order = order_page(caller, order_id)
    shop = require_staff(order["shop"]["id"], caller.person)
    return page("sales_order.html", shop=shop, order=_timed(order))


def _timed(order: dict[str, Any]) -> dict[str, Any]:
    """With its times as such, not as JSON has them."""
    times = {name: datetime.fromisoformat(order[name]) for name in ("created_at", "paid_at") if order[name]}
    return {**order, **times}
