"""Mobile JSON of checkouts. A stranger who opens one becomes a guest: `guest_token` is his bearer from then on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from app.buying.baskets.models import Basket, LineWanted
from app.buying.carts.queries import wants_in
from app.buying.checkout import actions, queries
from app.buying.checkout.models import MOST_LINES, Changes, Checkout, opener
from app.buying.checkout.schemas import (
    CheckoutChangeIn,
    CheckoutIn,
    CheckoutOut,
    FittingCoupons,
    LinkCheckoutIn,
)
from app.buying.links.queries import link_or_missing
from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.guests import buyer_of
from app.core.http.answers import Ready
from app.core.http.door import ANYONE, BUYER, Door
from app.store.invoices.models import check_invoice

door = Door("checkout")


@door.post("/links/<code>/checkout", takes=LinkCheckoutIn, gives=CheckoutOut, who=ANYONE, limit="order")
def check_out_link(caller: Caller, code: str, given: dict[str, Any]) -> Ready:
    """Open a checkout for what a link sells; the purchase is owed to the link."""
    link, (buyer, token) = link_or_missing(code), buyer_of(caller)
    wanted = (link, given["sku_id"], given["quantity"], given["offers"])
    return _whole(*actions.open_link_checkout(opener(caller, buyer), *wanted), guest_token=token)


@door.post("/checkouts", takes=CheckoutIn, gives=CheckoutOut, who=ANYONE, limit="order")
def check_out(caller: Caller, given: dict[str, Any]) -> Ready:
    """Open a checkout for goods of one or several shops, named here or as lines of the cart; a line may name the link
    that led to it. What is bought leaves the cart once the purchase is placed."""
    buyer, token = buyer_of(caller)
    wants = [*_lines(given["lines"]), *wants_in(buyer, given["cart_lines"])]
    if not 1 <= len(wants) <= MOST_LINES:
        raise bad_field("lines", f"须为 1 到 {MOST_LINES} 种商品", f"Needs 1 to {MOST_LINES} lines.")
    who = opener(caller, buyer, given["channel"])
    return _whole(*actions.open_checkout(who, wants, given["offers"]), guest_token=token)


@door.get("/checkouts/<uuid:checkout_id>", gives=CheckoutOut, who=BUYER)
def show_checkout(caller: Caller, checkout_id: UUID) -> Ready:
    """The caller's own checkout, at the prices of this moment."""
    found = queries.checkout_or_missing(caller.buyer, checkout_id)
    return _whole(found, queries.basket_of(found), state=queries.shown_state(found))


@door.patch("/checkouts/<uuid:checkout_id>", takes=CheckoutChangeIn, gives=CheckoutOut, who=BUYER, limit="order")
def change_checkout(caller: Caller, checkout_id: UUID, given: dict[str, Any]) -> Ready:
    """Give an address or one of the address book, a note, what the invoice shall say; change lines or offers; say
    where goods are fetched. The deadline begins anew, at most 3 times the first."""
    lines = None if given["lines"] is None else _lines(given["lines"])
    invoice = given["invoice"] and check_invoice(given["invoice"])
    pick_ups = given["pick_ups"]
    if pick_ups is not None:
        pick_ups = {one["shop_id"]: one["warehouse_id"] for one in pick_ups}
    changes = Changes(given["address"], given["note"], given["offers"], lines, given["address_id"], invoice, pick_ups)
    return _whole(*actions.change_checkout(caller, checkout_id, changes))


@door.get("/checkouts/<uuid:checkout_id>/coupons", gives=FittingCoupons, who=BUYER)
def list_coupons(caller: Caller, checkout_id: UUID) -> dict[str, Any]:
    """The caller's usable coupons, the newest 50, and what each by itself would save here: 0 where it does not fit."""
    return {"items": queries.coupons_for(queries.checkout_or_missing(caller.buyer, checkout_id)), "next": None}


def _whole(found: Checkout, basket: Basket, state: str | None = None, guest_token: str | None = None) -> Ready:
    return Ready(orjson.dumps(queries.whole_checkout(found, basket, state, guest_token)))


def _lines(given: Sequence[dict[str, Any]]) -> list[LineWanted]:
    return [LineWanted(one["sku_id"], one["quantity"], one["link"]) for one in given]
