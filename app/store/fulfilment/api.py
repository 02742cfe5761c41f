"""Doors of orders and where they stand. Another's are not there (404)."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import BUYER, PERSON, Door
from app.people.addresses.schemas import AddressIn
from app.store.fulfilment import actions, queries
from app.store.fulfilment.schemas import OrderPage, OrdersQuery, ShopOrdersQuery, WholeOrderOut

door = Door("fulfilment", for_keys=True)


@door.get("/orders/<uuid:order_id>", gives=WholeOrderOut, who=BUYER)
def show_order(caller: Caller, order_id: UUID) -> Ready:
    """One order with what became of it, for its buyer or for the staff of its shop."""
    return Ready(orjson.dumps(queries.order_page(caller, order_id)))


@door.put("/orders/<uuid:order_id>/address", takes=AddressIn, gives=WholeOrderOut, who=BUYER, limit="order")
def change_address(caller: Caller, order_id: UUID, given: dict[str, Any]) -> Ready:
    """Send a paid order elsewhere, as long as nothing of it was sent."""
    actions.change_address(caller, order_id, given)
    return Ready(orjson.dumps(queries.order_page(caller, order_id)))


@door.get("/me/orders", gives=OrderPage, asks=OrdersQuery, who=BUYER, for_keys=False)
def list_my_orders(caller: Caller, asked: dict[str, Any]) -> Ready:
    """The caller's orders, newest first: all of them, or those that stand there."""
    return Ready(orjson.dumps(queries.orders_of_buyer(caller.buyer, **asked)))


@door.get("/shops/<uuid:shop_id>/orders", gives=OrderPage, asks=ShopOrdersQuery, who=PERSON)
def list_shop_orders(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> Ready:
    """A shop's orders, newest first, for its staff."""
    limit, cursor = asked.pop("limit"), asked.pop("cursor")
    wanted = queries.OrdersWanted(**asked)
    return Ready(orjson.dumps(queries.orders_of_shop(shop_id, caller.person, limit, cursor, wanted)))
