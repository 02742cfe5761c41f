"""Mobile JSON of placing. A purchase waits for its payment until `pay_by`."""

from typing import Any
from uuid import UUID

import orjson

from app.buying.checkout.models import Changes
from app.buying.links.queries import link_or_missing
from app.buying.placing import actions, queries
from app.buying.placing.actions import BuyNow
from app.buying.placing.schemas import (
    BoughtOut,
    BuyNowIn,
    OpenPurchaseOut,
    PayWayIn,
    PayWayOut,
    PlacedPurchaseOut,
    PurchaseIn,
)
from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.http.answers import Ready
from app.core.http.door import BUYER, PERSON, Door
from app.store.invoices.models import check_invoice

door = Door("placing")


@door.post(
    "/checkouts/<uuid:checkout_id>/purchase",
    takes=PurchaseIn,
    gives=PlacedPurchaseOut,
    who=BUYER,
    limit="order",
    key="required",
)
def purchase_checkout(caller: Caller, checkout_id: UUID, given: dict[str, Any]) -> Ready:
    """Place the orders, one a shop. They wait for their payment until `pay_by` of the purchase."""
    changes = Changes(address_id=given["address_id"])
    placed = actions.purchase(caller, checkout_id, given["expected_total"], changes)
    return Ready(orjson.dumps(actions.shown(placed)))


@door.post(
    "/skus/<uuid:sku_id>/purchase",
    takes=BuyNowIn,
    gives=BoughtOut,
    who=BUYER,
    limit="order",
    key="required",
    calls=actions.BUYING,
)
def buy_sku(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> Any:
    """From a product card to a placed order in one call, with the saved address and way to pay unless others are
    named."""
    return actions.answered(actions.buy_now(caller, _wanted({**given, "sku_id": sku_id})))


@door.post(
    "/links/<code>/purchase",
    takes=BuyNowIn,
    gives=BoughtOut,
    who=BUYER,
    limit="order",
    key="required",
    calls=actions.BUYING,
)
def buy_link(caller: Caller, code: str, given: dict[str, Any]) -> Any:
    """As POST /skus/{id}/purchase, for what a link sells; the purchase is owed to it. A link to one variant needs no
    `sku_id`."""
    link = link_or_missing(code)
    sku_id = given["sku_id"] or link.sku_id
    if sku_id is None:
        raise bad_field("sku_id", "请选择规格", "Say which SKU.")
    return actions.answered(actions.buy_now(caller, _wanted({**given, "sku_id": sku_id}), link))


@door.get("/me/payment-method", gives=PayWayOut, who=PERSON)
def show_pay_way(caller: Caller) -> dict[str, Any]:
    """How the caller pays where he does not say."""
    return {"gateway": queries.pay_way(caller.person)}


@door.put("/me/payment-method", takes=PayWayIn)
def keep_pay_way(caller: Caller, given: dict[str, Any]) -> None:
    """Pay by this gateway from now on."""
    actions.keep_pay_way(caller.person, given["gateway"])


@door.get("/o/<token>", gives=OpenPurchaseOut, who=None)
def show_open_purchase(token: str) -> Ready:
    """A purchase for whoever has the address of its page; names and numbers of people are veiled."""
    return Ready(orjson.dumps(queries.open_purchase(token)[1]))


def _wanted(given: dict[str, Any]) -> BuyNow:
    invoice = given["invoice"] and check_invoice(given["invoice"])
    return BuyNow(
        given["sku_id"],
        given["quantity"],
        given["offers"],
        given["expected_total"],
        given["address_id"],
        Changes(given["address"], given["note"], invoice=invoice),
        given["gateway"],
        given["scene"],
        given["openid"],
        given["pay"],
    )
