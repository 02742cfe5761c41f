"""Pages anyone may open: from the buy button to the paid order, for guests by their cookie, without script."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.buying.checkout import actions, queries
from app.buying.checkout.schemas import BuyForm, OrderForm
from app.buying.links.queries import link_or_missing
from app.core.caller import Caller
from app.core.config import settings
from app.core.errors import Refused
from app.core.http.pages import PageDoor, form, go, page
from app.core.money import yuan
from app.store.orders.actions import cancel_purchase, pay_purchase
from app.store.orders.queries import purchase_page

door = PageDoor("checkout", __name__)


@door.post("/l/<code>/checkout")
def buy(caller: Caller, code: str) -> AnyResponse:
    """The buy button of a link's page."""
    given = BuyForm().load(form())
    made, _ = actions.open_link_checkout(caller.buyer, link_or_missing(code), given["sku_id"], given["quantity"])
    return go(f"/checkout/{made.id}")


@door.get("/checkout/<uuid:checkout_id>")
def show_checkout(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """What is in the basket, and where it shall go."""
    return _checkout_page(caller, checkout_id, {}, {})


@door.post("/checkout/<uuid:checkout_id>")
def place_order(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """Place the order and go on to pay; sent twice, it leads to the one purchase."""
    try:
        given = OrderForm().load(form())
    except ValidationError as fault:
        shown = _checkout_page(caller, checkout_id, form(), fault.messages_dict)
        return Response(shown, 422) if isinstance(shown, str) else shown
    expected, note = given.pop("expected_total"), given.pop("note")
    try:
        placed = actions.purchase(caller, checkout_id, expected, given, note)
    except Refused as refusal:
        purchase_id = queries.purchase_of(checkout_id) if refusal.code == "already_purchased" else None
        if purchase_id is None:
            raise
        return go(f"/purchases/{purchase_id}")  # the button was pressed twice
    return _to_pay(caller, placed.id)


@door.get("/purchases/<uuid:purchase_id>")
def show_purchase(caller: Caller, purchase_id: UUID) -> str:
    """A purchase and how it stands."""
    shown = purchase_page(caller.buyer, purchase_id)
    return page("purchase.html", purchase=shown, yuan=yuan, may_pay=settings.sandbox_payments)


@door.post("/purchases/<uuid:purchase_id>/payments")
def pay_again(caller: Caller, purchase_id: UUID) -> AnyResponse:
    """Begin another payment of an unpaid purchase."""
    return _to_pay(caller, purchase_id)


@door.post("/purchases/<uuid:purchase_id>/cancellation")
def give_up(caller: Caller, purchase_id: UUID) -> AnyResponse:
    """Give up an unpaid purchase."""
    cancel_purchase(caller, purchase_id)
    return go(f"/purchases/{purchase_id}")


def _checkout_page(
    caller: Caller, checkout_id: UUID, sent: Mapping[str, str], faults: Mapping[str, object]
) -> str | AnyResponse:
    found = queries.checkout_or_missing(caller.buyer, checkout_id)
    shown = queries.whole_checkout(found, actions.basket_of(found), queries.shown_state(found))
    if shown["purchase_id"] is not None:
        return go(f"/purchases/{shown['purchase_id']}")
    filled = dict(sent) or {**(found.address or {}), "note": found.note}
    return page("checkout.html", checkout=shown, filled=filled, faults=faults, yuan=yuan)


def _to_pay(caller: Caller, purchase_id: UUID) -> AnyResponse:
    """To the provider's own page; where there is no provider, to the purchase, which waits."""
    if not settings.sandbox_payments:
        return go(f"/purchases/{purchase_id}")
    return go(pay_purchase(caller, purchase_id, "sandbox").pay_url)
