"""Pages anyone may open: from the checkout to the placed order, for guests by their cookie, without script.

The pages with the buy form stand in posts, since they show what others say of the goods.

At a browser sit two at most: the person who signed in, and the guest that it was before. What the guest began stays
within reach after he signed in.
"""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as AnyResponse

from app.buying.baskets.models import LineWanted
from app.buying.carts.actions import LineChange, change_lines
from app.buying.carts.queries import wants_in
from app.buying.carts.schemas import CartForm, cart_form
from app.buying.checkout import queries
from app.buying.checkout.actions import change_checkout, open_cart_checkout, open_form_checkout
from app.buying.checkout.models import PURCHASED, Changes, opener
from app.buying.placing import actions
from app.buying.placing.queries import Filled, order_form
from app.buying.placing.schemas import AddressForm, ArticleBuyForm, OffersForm, OrderForm, order_sent, pick_ups_sent
from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused, bad_field, refusal_of
from app.core.http import browser
from app.core.http.forms import form
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.outside import Wanted
from app.core.texts import in_language
from app.store.orders.actions import pay_purchase
from app.store.orders.models import PlacedPurchase
from app.store.payments.actions import BEGINNING
from app.store.payments.queries import BrowserWay, browser_ways, page_of
from app.store.secondhand.queries import article_page

SHOWN_AGAIN = {
    *("total_changed", "off_sale", "too_many_unpaid", "total_too_large", "not_delivered", "offer_gone", "units"),
    *("service_over", "balance_too_low", "mixed_ways", "article_gone", "pick_up_gone", "no_common_way", "invalid"),
}
"""Refusals after which the order form is shown again, as it was filled in, with what has changed."""
door = PageDoor("placing", __name__)


@door.get("/checkout/<uuid:checkout_id>")
def show_checkout(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """What is in the basket, and where it shall go."""
    return _checkout_page(_buyer_of_checkout(caller, checkout_id), checkout_id, Filled())


@door.post("/checkout/<uuid:checkout_id>", calls=BEGINNING)
def place_order(caller: Caller, checkout_id: UUID) -> AnyResponse | Wanted:
    """Place the order and go on to pay; sent twice, it leads to the one purchase."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    try:
        expected, changes = order_sent(form())
    except ValidationError as fault:
        return _again(buyer, checkout_id, Filled(form(), fault.messages_dict))
    codes, found = _codes(), queries.checkout_or_missing(buyer.buyer, checkout_id)
    picks = pick_ups_sent(form())
    if set(codes) != set(found.offers) or {str(one): str(place) for one, place in picks.items()} != found.pick_ups:
        # Chosen after the total was shown: he sees the new one before he orders.
        return _changed(buyer, checkout_id, replace(changes, offers=codes, invoice=None, pick_ups=picks))
    try:
        with db.session.begin_nested():  # a refusal undoes what was done so far, and the page is shown after it
            guest = browser.guest_of_browser(caller).ref
            placed = actions.purchase(buyer, checkout_id, expected, changes, guest)
            return _to_pay(buyer, placed)
    except (Refused, IntegrityError) as fault:  # what a wallet has is guarded by the database
        refusal = fault if isinstance(fault, Refused) else refusal_of(fault)
        if refusal is None:
            raise
        return _not_placed(buyer, checkout_id, refusal)


@door.post("/checkout/<uuid:checkout_id>/address")
def choose_address(caller: Caller, checkout_id: UUID) -> AnyResponse:
    """Send it to an address of the book, or to the one that is typed: the page then says what that costs."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    sent = form()
    try:
        chosen, note = AddressForm().load(sent)["address_id"], sent.get("note", "")[:500]
        changes = Changes(note=note, address_id=chosen) if chosen else Changes(_typed(sent), note)
    except ValidationError as fault:
        return _again(buyer, checkout_id, Filled(sent, fault.messages_dict))
    return _changed(buyer, checkout_id, changes)


@door.post("/checkout/<uuid:checkout_id>/offers")
def choose_offers(caller: Caller, checkout_id: UUID) -> AnyResponse:
    """Use the coupons that are ticked, and the code that is typed."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    given = Changes(note=form().get("note", "")[:500], offers=_codes())
    try:
        chosen = AddressForm().load(form())["address_id"]
        given = replace(given, address_id=chosen) if chosen else replace(given, address=_typed(form()))
    except ValidationError:
        pass  # not typed yet, or not all of it
    return _changed(buyer, checkout_id, given)


@door.post("/checkout/<uuid:checkout_id>/pick-ups")
def choose_pick_ups(caller: Caller, checkout_id: UUID) -> AnyResponse:
    """Fetch goods of shops at their counters, or have them sent after all."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    note = form().get("note", "")[:500]
    return _changed(buyer, checkout_id, Changes(note=note, offers=_codes(), pick_ups=pick_ups_sent(form())))


@door.post("/cart/checkout")
def check_out_cart(caller: Caller) -> AnyResponse:
    """Open a checkout for the ticked lines, with the quantities that stand in the form; sent twice, for the same."""
    sent = CartForm().load(cart_form(form(), request.form.getlist("ticked")))
    change_lines(caller.buyer, [LineChange(**one) for one in sent["lines"]])
    ticked = [one["id"] for one in sent["lines"] if one["is_ticked"]]
    if not ticked:
        raise bad_field("ticked", "请先勾选商品", "Tick what you want to buy.")
    return go(f"/checkout/{open_cart_checkout(opener(caller), sent['id'], wants_in(caller.buyer, ticked))}")


@door.post("/second-hand/<uuid:article_id>/checkout")
def buy_article(caller: Caller, article_id: UUID) -> AnyResponse:
    """The buy button of an article; sent twice, it leads to the one checkout."""
    sku_id = article_page(article_id, caller.person_id)["sku_id"]
    made = open_form_checkout(opener(caller), ArticleBuyForm().load(form())["id"], article_id, LineWanted(sku_id, 1))
    return go(f"/checkout/{made}")


def _buyer_of_checkout(caller: Caller, checkout_id: UUID) -> Caller:
    """Whose of the two at this browser the checkout is. Raises Refused 404."""
    return browser.of_either(caller, lambda one: queries.checkout_or_missing(one.buyer, checkout_id))[0]


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
    told = {**shown, "faults": in_language(shown["faults"], language()), "why": filled.why(language())}
    return page("checkout.html", **told, ways=_ways(buyer))


def _to_pay(buyer: Caller, placed: PlacedPurchase) -> AnyResponse | Wanted:
    """To where it is paid, in the way that was chosen; where there is none, to the purchase, which waits."""
    ways = _ways(buyer, placed.gateways)
    named = form().get("gateway", "")
    way = next((one for one in ways if one.gateway == named), ways[0] if ways else None)
    if way is None:
        return go(f"/purchases/{placed.id}")
    if buyer.person_id is not None and len(ways) > 1:
        actions.keep_pay_way(buyer.person_id, way.gateway)
    paying = pay_purchase(buyer, placed.id, way.gateway, way.scene)
    onward = go(page_of(paying))
    return Wanted(paying.id, onward) if paying.waits else onward


def _ways(buyer: Caller, among: Collection[str] | None = None) -> list[BrowserWay]:
    return browser_ways(browser.is_phone(), at_once=buyer.person_id is not None, among=among)
