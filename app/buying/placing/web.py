"""Pages anyone may open: from the checkout to the paid order, for guests by their cookie, without script.

The pages with the buy form stand in posts, since they show what others say of the goods.

At a browser sit two at most: the person who signed in, and the guest that it was before. What the guest began stays
within reach after he signed in.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.buying.carts.actions import LineChange, change_lines
from app.buying.carts.queries import wants_in
from app.buying.carts.schemas import CartForm, cart_form
from app.buying.checkout import queries
from app.buying.checkout.actions import change_checkout, open_cart_checkout
from app.buying.checkout.models import PURCHASED, Changes, opener
from app.buying.placing import actions
from app.buying.placing.models import order_page
from app.buying.placing.queries import Filled, covers_of, open_purchase, order_form
from app.buying.placing.schemas import AddressForm, OffersForm, OrderForm, invoice_sent
from app.core.caller import GUEST, PERSON, Caller
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.http import browser
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, form, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.core.texts import in_language
from app.store.orders.actions import cancel_purchase, pay_purchase
from app.store.orders.queries import purchase_page, purchases_of

T = TypeVar("T")
SHOWN_AGAIN = {
    *("total_changed", "off_sale", "too_many_unpaid", "total_too_large", "not_delivered", "offer_gone", "units"),
    "invalid",
}
"""Refusals after which the order form is shown again, as it was filled in, with what has changed."""
SHOWN = 3
"""Of so many lines a list of orders names the goods."""

door = PageDoor("placing", __name__)


@door.get("/checkout/<uuid:checkout_id>")
def show_checkout(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """What is in the basket, and where it shall go."""
    return _checkout_page(_buyer_of_checkout(caller, checkout_id), checkout_id, Filled())


@door.post("/checkout/<uuid:checkout_id>")
def place_order(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """Place the order and go on to pay; sent twice, it leads to the one purchase."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    try:
        given, invoice = OrderForm().load(form()), invoice_sent(form())
    except ValidationError as fault:
        return _again(buyer, checkout_id, Filled(form(), fault.messages_dict))
    expected, note = given.pop("expected_total"), given.pop("note")
    codes = _codes()
    if set(codes) != set(queries.checkout_or_missing(buyer.buyer, checkout_id).offers):
        # Ticked after the total was shown: he sees the new one before he orders.
        return _changed(buyer, checkout_id, Changes(given, note, codes))
    try:
        with db.session.begin_nested():  # a refusal undoes what was done so far, and the page is shown after it
            guest = browser.guest_of_browser(caller).ref
            placed = actions.purchase(buyer, checkout_id, expected, Changes(given, note, invoice=invoice), guest)
    except Refused as refusal:
        return _not_placed(buyer, checkout_id, refusal)
    return _to_pay(buyer, placed.id)


@door.post("/checkout/<uuid:checkout_id>/address")
def choose_address(caller: Caller, checkout_id: UUID) -> AnyResponse:
    """Send it to an address of the book, or to the one that is typed: the page then says what that costs."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    sent = form()
    try:
        chosen = AddressForm().load(sent)["address_id"]
        changes = Changes(address_id=chosen) if chosen else Changes(_typed(sent), sent.get("note", "")[:500])
    except ValidationError as fault:
        return _again(buyer, checkout_id, Filled(sent, fault.messages_dict))
    return _changed(buyer, checkout_id, changes)


@door.post("/checkout/<uuid:checkout_id>/offers")
def choose_offers(caller: Caller, checkout_id: UUID) -> AnyResponse:
    """Use the coupons that are ticked, and the code that is typed."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    try:
        address: dict[str, str] | None = _typed(form())
    except ValidationError:
        address = None  # not typed yet, or not all of it
    return _changed(buyer, checkout_id, Changes(address, form().get("note", "")[:500], _codes()))


@door.post("/cart/checkout")
def check_out_cart(caller: Caller) -> AnyResponse:
    """Open a checkout for the ticked lines, with the quantities that stand in the form; sent twice, for the same."""
    sent = CartForm().load(cart_form(form(), request.form.getlist("ticked")))
    change_lines(caller.buyer, [LineChange(**one) for one in sent["lines"]])
    ticked = [one["id"] for one in sent["lines"] if one["is_ticked"]]
    if not ticked:
        raise bad_field("ticked", "请先勾选商品", "Tick what you want to buy.")
    return go(f"/checkout/{open_cart_checkout(opener(caller), sent['id'], wants_in(caller.buyer, ticked))}")


@door.get("/orders", limit="page")
def list_purchases(caller: Caller) -> str | ForNobody:
    """What both who may sit at this browser have bought, newest first, and what they have not finished."""
    buyers = both_at_browser(caller)
    if not buyers:
        return ForNobody(page("orders.html", purchases=[], waiting=[], next=None, covers={}, is_anonymous=True))
    cursor = request.args.get("cursor")
    found, waiting = purchases_of(buyers, USUAL, cursor), [] if cursor else queries.open_checkouts(buyers)
    shown = {UUID(str(line["product_id"])) for one in (*found["items"], *waiting) for line in one["lines"][:SHOWN]}
    lists = {"purchases": found["items"], "next": found["next"], "waiting": waiting, "covers": covers_of(shown)}
    return page("orders.html", **lists, most=SHOWN)


@door.get("/purchases/<uuid:purchase_id>")
def show_purchase(caller: Caller, purchase_id: UUID) -> str:
    """A purchase and how it stands; a guest is told its own address, by which he comes back from anywhere."""
    buyer, shown = _purchase(caller, purchase_id)
    address = order_page(purchase_id) if buyer.person_id is None else None
    return page("purchase.html", purchase=shown, may_pay=settings.sandbox_payments, address=address)


@door.post("/purchases/<uuid:purchase_id>/payments")
def pay_again(caller: Caller, purchase_id: UUID) -> AnyResponse:
    """Begin another payment of an unpaid purchase."""
    buyer, _ = _purchase(caller, purchase_id)
    return _to_pay(buyer, purchase_id)


@door.post("/purchases/<uuid:purchase_id>/cancellation")
def give_up(caller: Caller, purchase_id: UUID) -> AnyResponse:
    """Give up an unpaid purchase."""
    buyer, _ = _purchase(caller, purchase_id)
    cancel_purchase(buyer, purchase_id)
    return go(f"/purchases/{purchase_id}")


@door.get("/o/<token>", limit="page")
def show_open_purchase(caller: Caller, token: str) -> str:
    """A purchase by its own address: for a guest on any device, and whoever he shows it to. Names are veiled."""
    buyer, shown = open_purchase(token)
    own = f"/purchases/{shown['id']}" if buyer in both_at_browser(caller) else None
    return page("purchase_open.html", purchase=shown, token=token, own=own, may_pay=settings.sandbox_payments)


@door.post("/o/<token>/payments")
def pay_open_purchase(caller: Caller, token: str) -> AnyResponse:
    """Pay it, whoever does."""
    buyer, shown = open_purchase(token)
    by = {PERSON: Caller(person_id=buyer.id), GUEST: Caller(guest_id=buyer.id)}[buyer.kind]
    return _to_pay(by, shown["id"])


def _buyer_of_checkout(caller: Caller, checkout_id: UUID) -> Caller:
    """Whose of the two at this browser the checkout is. Raises Refused 404."""
    return _of_either(caller, lambda one: queries.checkout_or_missing(one.buyer, checkout_id))[0]


def _purchase(caller: Caller, purchase_id: UUID) -> tuple[Caller, dict[str, Any]]:
    """A purchase of one of the two at this browser, and whose it is. Raises Refused 404."""
    return _of_either(caller, lambda one: purchase_page(one.buyer, purchase_id))


def _of_either(caller: Caller, find: Callable[[Caller], T]) -> tuple[Caller, T]:
    try:
        return caller, find(caller)
    except Refused:
        if caller.person_id is None:
            raise
    guest = browser.guest_of_browser(caller)
    return guest, find(guest)


def _codes() -> list[str]:
    """The coupons and codes that the form names, each once."""
    ticked = [one for one in request.form.getlist("codes") if one]
    given = OffersForm().load({"codes": ticked, "code": form().get("code", "")})
    return [one for one in dict.fromkeys([*given["codes"], given["code"].strip()]) if one]


def _typed(sent: dict[str, str]) -> dict[str, str]:
    given = OrderForm().load({**sent, "expected_total": "0"})
    return {name: given[name] for name in ("name", "phone", "province", "city", "district", "street")}


def _changed(buyer: Caller, checkout_id: UUID, changes: Changes) -> AnyResponse:
    """Back to the page, changed; or the page again with why not."""
    try:
        with db.session.begin_nested():
            change_checkout(buyer, checkout_id, changes)
    except Refused as refusal:
        return _not_placed(buyer, checkout_id, refusal)
    return go(f"/checkout/{checkout_id}")


def _not_placed(buyer: Caller, checkout_id: UUID, refusal: Refused) -> AnyResponse:
    """What is shown instead of what was refused. Raises what has no page of its own."""
    purchase_id = queries.purchase_of(checkout_id) if refusal.code == "already_purchased" else None
    if purchase_id is not None:
        return go(f"/purchases/{purchase_id}")  # the button was pressed twice
    if refusal.code not in SHOWN_AGAIN:
        raise refusal
    return _again(buyer, checkout_id, Filled(form(), {}, refusal))


def _again(buyer: Caller, checkout_id: UUID, filled: Filled) -> AnyResponse:
    shown = _checkout_page(buyer, checkout_id, filled)
    status = filled.refusal.status if filled.refusal else 422
    return Response(shown, status, mimetype="text/html") if isinstance(shown, str) else shown


def _checkout_page(buyer: Caller, checkout_id: UUID, filled: Filled) -> str | AnyResponse:
    found = queries.checkout_or_missing(buyer.buyer, checkout_id)
    if found.state == PURCHASED:
        return go(f"/purchases/{queries.purchase_of(found.id)}")
    shown = order_form(found, filled)
    return page(
        "checkout.html", **{**shown, "faults": in_language(shown["faults"], language())}, why=filled.why(language())
    )


def _to_pay(buyer: Caller, purchase_id: UUID) -> AnyResponse:
    """To the provider's own page; where there is no provider, to the purchase, which waits."""
    if not settings.sandbox_payments:
        return go(f"/purchases/{purchase_id}")
    return go(pay_purchase(buyer, purchase_id, "sandbox").pay_url)
