"""Mobile JSON of checkouts. A stranger who opens one becomes a guest: `guest_token` is his bearer from then on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from app.buying.checkout import actions, queries
from app.buying.checkout.models import Changes, Checkout, LineWanted
from app.buying.checkout.queries import Basket
from app.buying.checkout.schemas import (
    CheckoutChangeIn,
    CheckoutIn,
    CheckoutOut,
    LinkCheckoutIn,
    PlacedPurchaseOut,
    PurchaseIn,
)
from app.buying.links.queries import link_or_missing
from app.core.caller import GUEST, Caller, Ref
from app.core.guests import guest_of, new_guest_token
from app.core.http.answers import Ready
from app.core.http.door import ANYONE, BUYER, Door

door = Door("checkout")


@door.post("/links/<code>/checkout", takes=LinkCheckoutIn, gives=CheckoutOut, who=ANYONE, limit="order")
def check_out_link(caller: Caller, code: str, given: dict[str, Any]) -> Ready:
    """Open a checkout for what a link sells; the purchase is owed to the link."""
    link, (buyer, token) = link_or_missing(code), _buyer(caller)
    wanted = (link, given["sku_id"], given["quantity"], given["offers"])
    return _whole(*actions.open_link_checkout(buyer, *wanted, is_new_buyer=token is not None), guest_token=token)


@door.post("/checkouts", takes=CheckoutIn, gives=CheckoutOut, who=ANYONE, limit="order")
def check_out(caller: Caller, given: dict[str, Any]) -> Ready:
    """Open a checkout for goods of one or several shops; a line may name the link that led to it."""
    buyer, token = _buyer(caller)
    wanted = (_lines(given["lines"]), given["offers"])
    return _whole(*actions.open_checkout(buyer, *wanted, is_new_buyer=token is not None), guest_token=token)


@door.get("/checkouts/<uuid:checkout_id>", gives=CheckoutOut, who=BUYER)
def show_checkout(caller: Caller, checkout_id: UUID) -> Ready:
    """The caller's own checkout, at the prices of this moment."""
    found = queries.checkout_or_missing(caller.buyer, checkout_id)
    return _whole(found, actions.basket_of(found), state=queries.shown_state(found))


@door.patch("/checkouts/<uuid:checkout_id>", takes=CheckoutChangeIn, gives=CheckoutOut, who=BUYER, limit="order")
def change_checkout(caller: Caller, checkout_id: UUID, given: dict[str, Any]) -> Ready:
    """Give an address or a note, change lines or offers; the deadline begins anew, at most 3 times the first."""
    lines = None if given["lines"] is None else _lines(given["lines"])
    changes = Changes(given["address"], given["note"], given["offers"], lines)
    return _whole(*actions.change_checkout(caller, checkout_id, changes))


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
    placed = actions.purchase(caller, checkout_id, given["expected_total"])
    orders = [{"id": one.id, "kind": "order", "shop_id": one.shop_id, "total": one.total} for one in placed.orders]
    amounts = {"total": placed.total, "currency": placed.currency}
    return Ready(
        orjson.dumps({"id": placed.id, "kind": "purchase", "orders": orders, **amounts, "status": placed.status})
    )


def _buyer(caller: Caller) -> tuple[Ref, str | None]:
    """Who buys, and the token of a guest who is one from now on."""
    if caller.ref is not None:
        return caller.ref, None
    token = new_guest_token()
    guest_id = guest_of(token)
    if guest_id is None:
        raise LookupError("a new guest token holds nobody")
    return Ref(GUEST, guest_id), token


def _whole(found: Checkout, basket: Basket, state: str | None = None, guest_token: str | None = None) -> Ready:
    return Ready(orjson.dumps(queries.whole_checkout(found, basket, state, guest_token)))


def _lines(given: Sequence[dict[str, Any]]) -> list[LineWanted]:
    return [LineWanted(one["sku_id"], one["quantity"], one["link"]) for one in given]
