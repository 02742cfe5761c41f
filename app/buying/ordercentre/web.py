"""Pages of what was bought: the order centre, each order, a purchase, and a purchase by its own address.

At a browser sit two at most: the person who signed in, and the guest that it was before; and a guest of elsewhere whose
purchase it has opened. Of all of them what they bought is within reach.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.buying.checkout.queries import open_checkouts
from app.buying.ordercentre import actions, queries
from app.buying.ordercentre.schemas import CancelForm, CentreQuery, OwnerForm, PlaceForm, SavedForm
from app.buying.placing.actions import keep_pay_way
from app.buying.placing.models import order_page
from app.buying.placing.queries import covers_of, open_purchase, pay_way
from app.core.caller import GUEST, PERSON, Caller
from app.core.errors import Refused
from app.core.http import browser
from app.core.http.forms import form
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, go, page
from app.core.http.request import language
from app.core.ids import new_id
from app.core.outside import Wanted
from app.core.paging import USUAL
from app.core.texts import in_language
from app.people.addresses.queries import addresses_of, place_to_send
from app.store.aftersales.schemas import lines_sent
from app.store.delivery.actions import put_off_receipt, receive
from app.store.fulfilment.actions import change_address
from app.store.fulfilment.models import units_unsent
from app.store.fulfilment.queries import STATES, order_of_buyer
from app.store.orders.actions import cancel_purchase, pay_purchase
from app.store.orders.queries import pay_with_of, purchase_page
from app.store.payments.actions import BEGINNING
from app.store.payments.queries import BrowserWay, browser_ways, page_of

SHOWN = 3
"""Of so many lines a list of orders names the goods."""
ORDER, PURCHASE, OPEN = "/orders/<uuid:order_id>", "/purchases/<uuid:purchase_id>", "/o/<token>"

door = PageDoor("ordercentre", __name__)


@door.get("/me/orders", limit="page")
def show_centre(caller: Caller) -> str | ForNobody:
    """What all who sit at this browser have bought, newest first, and what they have begun."""
    buyers = both_at_browser(caller)
    state = CentreQuery().load({"state": request.args["state"]} if request.args.get("state") else {})["state"]
    tabs: dict[str, Any] = {"state": state, "states": list(STATES), "most": SHOWN}
    if not buyers:
        empty: dict[str, Any] = {"orders": [], "waiting": [], "next": None, "covers": {}}
        return ForNobody(page("ordercentre.html", **empty, **tabs, is_anonymous=True))
    cursor = request.args.get("cursor")
    found = queries.centre(buyers, state, USUAL, cursor)
    waiting = [] if cursor or state else open_checkouts(buyers)
    shown = {UUID(str(line["product_id"])) for one in (*found["items"], *waiting) for line in one["lines"][:SHOWN]}
    told = {"orders": found["items"], "next": found["next"], "waiting": waiting, "covers": covers_of(shown)}
    return page("ordercentre.html", **told, **tabs)


@door.get("/orders", limit="page")
def go_to_centre(caller: Caller) -> AnyResponse:
    """Where the order centre was before."""
    return go("/me/orders")


@door.get(ORDER)
def show_order(caller: Caller, order_id: UUID) -> str:
    """One order: where it is, what became of it, and what can be done now."""
    buyer, shown = browser.of_either(caller, lambda one: queries.whole_order(one, order_id))
    paying = _ways(buyer, shown["pay_with"])
    return page("ordercentre_order.html", **shown, **paying, is_person=buyer.person_id is not None)


@door.get(f"{ORDER}/cancellation")
def ask_what_to_cancel(caller: Caller, order_id: UUID) -> str:
    """How much of what is not sent yet shall be cancelled."""
    _, order = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    left = {line["id"]: units_unsent(line) for line in order["lines"]}
    return page("ordercentre_cancel.html", order=order, left=left, form_id=new_id())


@door.post(f"{ORDER}/cancellation")
def cancel(caller: Caller, order_id: UUID) -> AnyResponse:
    """Cancel these units; their money goes back at once."""
    buyer, _ = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    given = CancelForm().load(form())
    actions.cancel_units(buyer, order_id, lines_sent(form()), given["reason"], given["id"])
    return go(f"/orders/{order_id}")


@door.get(f"{ORDER}/address")
def ask_where_to(caller: Caller, order_id: UUID) -> str:
    """Where the order shall go instead."""
    return _address_page(caller, order_id, {}, {})


@door.post(f"{ORDER}/address")
def send_elsewhere(caller: Caller, order_id: UUID) -> AnyResponse:
    """Send it to an address of the book, or to the one that is typed."""
    buyer, _ = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    sent = form()
    try:
        chosen = SavedForm().load(sent)["address_id"]
        place = place_to_send(buyer.person_id, chosen) if chosen else PlaceForm().load(sent)
    except ValidationError as fault:
        return Response(_address_page(caller, order_id, sent, fault.messages_dict), 422, mimetype="text/html")
    change_address(buyer, order_id, place)
    return go(f"/orders/{order_id}")


@door.post(f"{ORDER}/receipt")
def confirm_receipt(caller: Caller, order_id: UUID) -> AnyResponse:
    """The buyer has what was sent until now."""
    buyer, _ = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    receive(buyer, order_id)
    return go(f"/orders/{order_id}")


@door.post("/packages/<uuid:package_id>/extension")
def extend_receipt(caller: Caller, package_id: UUID) -> AnyResponse:
    """Let a package count as received three days later; pressed twice it is put off once."""
    try:
        found = browser.of_either(caller, lambda one: put_off_receipt(one, package_id))[1]
    except Refused as refusal:
        if refusal.code != "put_off_already":
            raise
        return go("/me/orders?state=to_receive")
    return go(f"/orders/{found.order_id}")


@door.get(PURCHASE)
def show_purchase(caller: Caller, purchase_id: UUID) -> str:
    """A purchase and how it stands; a guest is told its own address, by which he comes back from anywhere."""
    buyer, shown = _purchase(caller, purchase_id)
    address = order_page(purchase_id) if buyer.person_id is None else None
    return page("purchase.html", purchase=shown, address=address, **_ways(buyer, shown["pay_with"]))


@door.post(f"{PURCHASE}/payments", calls=BEGINNING)
def pay_again(caller: Caller, purchase_id: UUID) -> AnyResponse | Wanted:
    """Begin another payment of an unpaid purchase."""
    buyer, shown = _purchase(caller, purchase_id)
    return _to_pay(buyer, purchase_id, _ways(buyer, shown["pay_with"])["ways"], keeps=True)


@door.post(f"{PURCHASE}/cancellation")
def give_up(caller: Caller, purchase_id: UUID) -> AnyResponse:
    """Give up an unpaid purchase."""
    buyer, _ = _purchase(caller, purchase_id)
    cancel_purchase(buyer, purchase_id)
    return go(f"/purchases/{purchase_id}")


@door.get(OPEN, limit="page")
def show_open_purchase(caller: Caller, token: str) -> str:
    """A purchase by its own address: for a guest on any device, and whoever he shows it to. Names are veiled."""
    return _open_page(caller, token, {})


@door.post(f"{OPEN}/payments", calls=BEGINNING)
def pay_open_purchase(caller: Caller, token: str) -> AnyResponse | Wanted:
    """Pay it, whoever does."""
    buyer, shown = open_purchase(token)
    by = {PERSON: Caller(person_id=buyer.id), GUEST: Caller(guest_id=buyer.id)}[buyer.kind]
    return _to_pay(by, shown["id"], _open_ways(shown["id"]))


@door.post(f"{OPEN}/owner", limit="signin")
def prove_owner(caller: Caller, token: str) -> AnyResponse:
    """Who knows the parcel's phone number too is taken for the guest who bought it, for some hours."""
    try:
        browser.reach_guest(actions.prove_owner(token, OwnerForm().load(form())["phone"]))
    except (ValidationError, Refused) as fault:
        errors = fault.errors if isinstance(fault, Refused) else fault.messages_dict
        if "phone" not in errors:
            raise
        return Response(_open_page(caller, token, errors), 422, mimetype="text/html")
    return go(f"/purchases/{open_purchase(token)[1]['id']}")


def _purchase(caller: Caller, purchase_id: UUID) -> tuple[Caller, dict[str, Any]]:
    """A purchase of one of those at this browser, and whose it is. Raises Refused 404."""
    return browser.of_either(caller, lambda one: purchase_page(one.buyer, purchase_id))


def _address_page(caller: Caller, order_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    buyer, order = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    saved = addresses_of(buyer.person_id) if buyer.person_id is not None else []
    told = {"filled": filled or order["address"] or {}, "faults": in_language(faults, language())}
    return page("ordercentre_address.html", order=order, saved=saved, **told)


def _open_page(caller: Caller, token: str, faults: dict[str, Any]) -> str:
    buyer, shown = open_purchase(token)
    own = f"/purchases/{shown['id']}" if buyer in both_at_browser(caller) else None
    may_prove = own is None and buyer.kind == GUEST and shown["address"] is not None
    told = {
        "ways": browser_ways(browser.is_phone(), at_once=False),
        "own": own,
        "may_prove": may_prove,
        "faults": in_language(faults, language()),
    }
    return page("purchase_open.html", purchase=shown, token=token, **told)


def _ways(buyer: Caller, pay_with: Sequence[str]) -> dict[str, Any]:
    """How this buyer can pay, of these gateways, and which of them he is likely to choose."""
    ways, balance = queries.ways_to_pay(buyer, browser.is_phone(), pay_with)
    return {"ways": ways, "balance": balance, "chosen": pay_way(buyer.person_id, pay_with)}


def _open_ways(purchase_id: UUID) -> list[BrowserWay]:
    """How anybody can pay a purchase: not from what its buyer has here."""
    return browser_ways(browser.is_phone(), at_once=False, among=pay_with_of(purchase_id))


def _to_pay(
    buyer: Caller, purchase_id: UUID, ways: Sequence[BrowserWay], *, keeps: bool = False
) -> AnyResponse | Wanted:
    """To where it is paid, in the way that the form names; where there is none, to the purchase, which waits."""
    named = form().get("gateway", "")
    way = next((one for one in ways if one.gateway == named), ways[0] if ways else None)
    if way is None:
        return go(f"/purchases/{purchase_id}")
    if keeps and buyer.person_id is not None and len(ways) > 1:
        keep_pay_way(buyer.person_id, way.gateway)
    paying = pay_purchase(buyer, purchase_id, way.gateway, way.scene)
    onward = go(page_of(paying))
    return Wanted(paying.id, onward) if paying.waits else onward
