"""Doors of purchases. Another's are not there (404)."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import Door
from app.store.orders import actions, queries
from app.store.orders.schemas import PurchaseOut
from app.store.payments.actions import BEGINNING, wanted
from app.store.payments.schemas import PaymentIn, PaymentToPayOut

door = Door("orders")


@door.get("/purchases/<uuid:purchase_id>", gives=PurchaseOut, who="buyer")
def show_purchase(caller: Caller, purchase_id: UUID) -> Ready:
    """A purchase with its orders, payments and refunds, for its buyer."""
    return Ready(orjson.dumps(queries.purchase_page(caller.buyer, purchase_id)))


@door.post(
    "/purchases/<uuid:purchase_id>/payments",
    takes=PaymentIn,
    gives=PaymentToPayOut,
    who="buyer",
    limit="order",
    key="required",
    calls=BEGINNING,
)
def pay(caller: Caller, purchase_id: UUID, given: dict[str, Any]) -> Any:
    """Begin to pay a purchase; the buyer goes on at pay_url. May be begun again while the purchase is unpaid."""
    return wanted(actions.pay_purchase(caller, purchase_id, **given))


@door.post("/purchases/<uuid:purchase_id>/cancellation", gives=PurchaseOut, who="buyer", limit="order")
def cancel(caller: Caller, purchase_id: UUID) -> Ready:
    """Give up a purchase that is not paid yet."""
    actions.cancel_purchase(caller, purchase_id)
    return Ready(orjson.dumps(queries.purchase_page(caller.buyer, purchase_id)))
