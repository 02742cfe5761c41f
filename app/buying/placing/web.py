"""Pages anyone may open: from the checkout to the paid order, for guests by their cookie, without script.

The pages with the buy form stand in posts, since they show what others say of the goods.

At a browser sit two at most: the person who signed in, and the guest that it was before. What the guest began stays
within reach after he signed in.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

import orjson
from flask import Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.buying.checkout import queries
from app.buying.checkout.models import Changes
from app.buying.placing import actions
from app.buying.placing.schemas import OrderForm
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused
from app.core.http import browser
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, form, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.core.texts import in_language
from app.store.catalogue.queries import product_cards
from app.store.orders.actions import cancel_purchase, pay_purchase
from app.store.orders.queries import purchase_page, purchases_of

T = TypeVar("T")
SHOWN_AGAIN = {"total_changed", "off_sale", "too_many_unpaid", "total_too_large"}
"""Refusals after which the order form is shown again, as it was filled in, with what has changed."""
SHOWN = 3
"""Of so many lines a list of orders names the goods."""

door = PageDoor("placing", __name__)


@door.get("/checkout/<uuid:checkout_id>")
def show_checkout(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """What is in the basket, and where it shall go."""
    return _checkout_page(_buyer_of_checkout(caller, checkout_id), checkout_id, {}, {})


@door.post("/checkout/<uuid:checkout_id>")
def place_order(caller: Caller, checkout_id: UUID) -> str | AnyResponse:
    """Place the order and go on to pay; sent twice, it leads to the one purchase."""
    buyer = _buyer_of_checkout(caller, checkout_id)
    try:
        given = OrderForm().load(form())
    except ValidationError as fault:
        shown = _checkout_page(buyer, checkout_id, form(), fault.messages_dict)
        return Response(shown, 422) if isinstance(shown, str) else shown
    expected, note = given.pop("expected_total"), given.pop("note")
    try:
        with db.session.begin_nested():  # a refusal undoes what was done so far, and the page is shown after it
            guest = browser.guest_of_browser(caller).ref
            placed = actions.purchase(buyer, checkout_id, expected, Changes(given, note), guest)
    except Refused as refusal:
        return _not_placed(buyer, checkout_id, refusal)
    return _to_pay(buyer, placed.id)


@door.get("/orders", limit="page")
def list_purchases(caller: Caller) -> str | ForNobody:
    """What both who may sit at this browser have bought, newest first, and what they have not finished."""
    buyers = both_at_browser(caller)
    if not buyers:
        return ForNobody(page("orders.html", purchases=[], waiting=[], next=None, covers={}, is_anonymous=True))
    cursor = request.args.get("cursor")
    found, waiting = purchases_of(buyers, USUAL, cursor), [] if cursor else queries.open_checkouts(buyers)
    shown = {UUID(str(line["product_id"])) for one in (*found["items"], *waiting) for line in one["lines"][:SHOWN]}
    lists = {"purchases": found["items"], "next": found["next"], "waiting": waiting, "covers": _covers(shown)}
    return page("orders.html", **lists, most=SHOWN)


@door.get("/purchases/<uuid:purchase_id>")
def show_purchase(caller: Caller, purchase_id: UUID) -> str:
    """A purchase and how it stands."""
    _, shown = _purchase(caller, purchase_id)
    return page("purchase.html", purchase=shown, may_pay=settings.sandbox_payments)


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


def _not_placed(buyer: Caller, checkout_id: UUID, refusal: Refused) -> AnyResponse:
    """What is shown instead of the order that was refused. Raises what has no page of its own."""
    purchase_id = queries.purchase_of(checkout_id) if refusal.code == "already_purchased" else None
    if purchase_id is not None:
        return go(f"/purchases/{purchase_id}")  # the button was pressed twice
    if refusal.code not in SHOWN_AGAIN:
        raise refusal
    shown = _checkout_page(buyer, checkout_id, form(), {}, refusal)
    return Response(shown, refusal.status) if isinstance(shown, str) else shown


def _checkout_page(
    buyer: Caller,
    checkout_id: UUID,
    sent: Mapping[str, str],
    faults: Mapping[str, object],
    refusal: Refused | None = None,
) -> str | AnyResponse:
    found = queries.checkout_or_missing(buyer.buyer, checkout_id)
    basket = queries.basket_of(found)
    shown = queries.whole_checkout(found, basket, queries.shown_state(found))
    if shown["purchase_id"] is not None:
        return go(f"/purchases/{shown['purchase_id']}")
    return page(
        "checkout.html",
        checkout=shown,
        covers=_covers({line.product_id for line in basket.lines}),
        filled=dict(sent) or {**(found.address or {}), "note": found.note},
        faults=in_language(faults, language()),
        refused=refusal.text(language()) if refusal else "",
    )


def _to_pay(buyer: Caller, purchase_id: UUID) -> AnyResponse:
    """To the provider's own page; where there is no provider, to the purchase, which waits."""
    if not settings.sandbox_payments:
        return go(f"/purchases/{purchase_id}")
    return go(pay_purchase(buyer, purchase_id, "sandbox").pay_url)


def _covers(product_ids: Collection[UUID]) -> dict[str, Any]:
    """The cover of each of these products, by its id; of some there is none."""
    cards = product_cards(product_ids)
    return {str(one): orjson.loads(card)["cover"] for one, card in cards.items()}
