"""A buyer's pages of after-sales: ask for something about an order, and follow what becomes of it; guests too."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.http import browser
from app.core.http.forms import form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.core.ids import new_id
from app.core.texts import in_language
from app.people.uploads.actions import StoredPicture, receive_picture, store_pictures
from app.store.aftersales import actions, queries
from app.store.aftersales.models import OTHER, PRICE, REASONS, LineClaimed, Wish, kinds_possible
from app.store.aftersales.schemas import MOST_PICTURES, BackParcelForm, CaseAppealForm, CaseForm, lines_sent
from app.store.delivery.queries import carrier_names, carriers_to_choose
from app.store.fulfilment.models import OrderProgress, units_claimable, units_unsent
from app.store.fulfilment.queries import lines_of, order_of_buyer

door = PageDoor("aftersales", __name__)
OF_ORDER, CASE = "/orders/<uuid:order_id>/aftersales", "/aftersales/<uuid:case_id>"


@door.get(f"{OF_ORDER}/new")
def new_case(caller: Caller, order_id: UUID) -> str:
    """What can be asked for, and of which goods."""
    return _new_page(caller, order_id, {}, {})


def _case_sent(_caller: Caller) -> Sent[StoredPicture]:
    return _sent(CaseForm())


@door.post(OF_ORDER, before=_case_sent, limit="upload")
def open_case(caller: Caller, order_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Ask for it."""
    buyer, _ = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    if prepared.faults:
        return _again(caller, order_id, prepared.faults)
    given = prepared.given
    case_id = given.pop("id")
    try:
        with db.session.begin_nested():
            lines = [LineClaimed(line, units) for line, units in lines_sent(form(), given["amount"]).items()]
            wish = Wish(**given, lines=lines, uploads=_kept(buyer, prepared))
            found = actions.open_case(buyer, order_id, wish, case_id)
    except ValidationError as fault:
        return _again(caller, order_id, in_language(fault.messages_dict, language()))
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return _again(caller, order_id, in_language(refusal.errors, language()), refusal)
    return go(f"/aftersales/{found.id}")


@door.get(CASE)
def show_case(caller: Caller, case_id: UUID) -> str:
    """A case: where it is, what its buyer can do now, and all that was said."""
    return _case_page(caller, case_id, {}, {})


@door.post(f"{CASE}/withdrawal")
def withdraw(caller: Caller, case_id: UUID) -> AnyResponse:
    """Give it up."""
    buyer, _ = _own(caller, case_id)
    return _stepped(caller, case_id, lambda: actions.withdraw(buyer, case_id))


@door.post(f"{CASE}/parcel")
def enter_parcel(caller: Caller, case_id: UUID) -> AnyResponse:
    """The goods are on their way back."""
    buyer, _ = _own(caller, case_id)
    return _stepped(caller, case_id, lambda: actions.enter_parcel(buyer, case_id, **BackParcelForm().load(form())))


def _appeal_sent(_caller: Caller) -> Sent[StoredPicture]:
    return _sent(CaseAppealForm())


@door.post(f"{CASE}/appeal", before=_appeal_sent, limit="upload")
def appeal(caller: Caller, case_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Ask the platform about a refusal."""
    buyer, _ = _own(caller, case_id)
    if prepared.faults:
        return once_more(_case_page(caller, case_id, form(), prepared.faults))
    words = prepared.given["words"]
    return _stepped(caller, case_id, lambda: actions.appeal(buyer, case_id, words, _kept(buyer, prepared)))


def _own(caller: Caller, case_id: UUID) -> tuple[Caller, dict[str, Any]]:
    """A case of one of those at this browser, and whose it is. Raises Refused 404."""
    return browser.of_either(caller, lambda one: queries.shown([queries.case_of_buyer(one.buyer, case_id)])[0])


def _sent(schema: Schema) -> Sent[StoredPicture]:
    return form_sent(schema, MOST_PICTURES, store_pictures)


def _kept(buyer: Caller, prepared: Sent[StoredPicture]) -> list[UUID]:
    """The pictures of a form are its buyer's, be he a guest: both sides and the moderators see them."""
    return [receive_picture(buyer.buyer.id, one).id for one in prepared.pictures]


def _stepped(caller: Caller, case_id: UUID, step: Callable[[], object]) -> AnyResponse:
    """Back to the case; with a word where it does not stand there any more: pressed twice, or the other side was
    first."""
    here = f"/aftersales/{case_id}"

    def take() -> AnyResponse:
        step()
        return go(here)

    return submitted(take, lambda faults: _case_page(caller, case_id, form(), faults), moved=f"{here}?moved=1")


def _again(caller: Caller, order_id: UUID, faults: dict[str, Any], refusal: Refused | None = None) -> Response:
    """The form once more, as it was filled in; pictures have to be chosen again."""
    why = refusal.text(language()) if refusal else ""
    status = refusal.status if refusal else 422
    return Response(_new_page(caller, order_id, form(), faults, why), status, mimetype="text/html")


def _new_page(caller: Caller, order_id: UUID, filled: dict[str, str], faults: dict[str, Any], why: str = "") -> str:
    _, order = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    fallen = _fallen(order_id)
    left = {line["id"]: _most_units(line, line["id"] in fallen) for line in order["lines"]}
    kinds = kinds_possible(order["lines"], bool(fallen))
    told = {"case_id": filled.get("id") or new_id(), "kinds": kinds, "reasons": REASONS, "most": MOST_PICTURES}
    shown = {"order": order, "left": left, "filled": filled, "faults": faults, "why": why}
    return page("aftersales_new.html", **shown, **told)


def _fallen(order_id: UUID) -> set[UUID]:
    """The lines of which asking for the difference to a fallen price would bring something."""
    order, lines = db.session.get(OrderProgress, order_id), {one.line_id: one for one in lines_of(order_id)}
    whole = Wish(PRICE, OTHER, [LineClaimed(one.line_id, one.free) for one in lines.values()])
    if order is None:
        return set()
    try:
        return set(queries.fallen_price(order, lines, whole))
    except Refused:
        return set()


def _most_units(line: Mapping[str, Any], is_cheaper: bool) -> int:
    """So many units of a shown line can be chosen: sent or unsent ones, or both where its price has fallen."""
    sent, unsent = units_claimable(line), units_unsent(line)
    return sent + unsent if is_cheaper else max(sent, unsent)


def _case_page(caller: Caller, case_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    buyer, found = _own(caller, case_id)
    order = order_of_buyer(buyer, found["order_id"])
    goods = {line["id"]: line for line in order["lines"]}
    told = {"filled": filled, "faults": faults, "has_moved": "moved" in request.args, "most": MOST_PICTURES}
    sent_by = {"carriers": carriers_to_choose(), "carrier_names": carrier_names()}
    return page("aftersales_own.html", case=found, goods=goods, **sent_by, **told)
