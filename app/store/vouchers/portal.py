"""The counter: where staff redeem vouchers."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.store.catalogue.queries import product_of_staff, shop_of_sku
from app.store.shops.queries import require_staff
from app.store.variants.queries import product_id_of
from app.store.vouchers import actions, queries
from app.store.vouchers.models import UNDO_SECONDS, allows
from app.store.vouchers.schemas import SlotForm, TermsForm, VoucherCodeIn

door = PageDoor("vouchers", __name__, who=PERSON)
menu.add(menu.SHOP, "/counter", "到店核销", "Counter", order=40)


@door.get("/portal/shops/<uuid:shop_id>/counter")
def show_counter(caller: Caller, shop_id: UUID) -> str:
    """A field for a code, and what was redeemed lately."""
    return _counter(caller, shop_id, "", "")


@door.post("/portal/shops/<uuid:shop_id>/counter")
def redeem(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Redeem the voucher of this code."""
    try:
        code = VoucherCodeIn().load(form())["code"]
        with db.session.begin_nested():
            actions.redeem(caller, shop_id, code)
    except ValidationError:
        zh, en = "请输入券码", "Type the code of a voucher."
        return _again(caller, shop_id, en if language() == "en" else zh)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _again(caller, shop_id, refused.text(language()))
    return go(f"/portal/shops/{shop_id}/counter?done=1")


@door.post("/portal/shops/<uuid:shop_id>/counter/<uuid:redemption_id>/undoing")
def undo(caller: Caller, shop_id: UUID, redemption_id: UUID) -> AnyResponse:
    """It was not had after all."""
    actions.undo_redemption(caller, shop_id, redemption_id)
    return go(f"/portal/shops/{shop_id}/counter")


def _again(caller: Caller, shop_id: UUID, fault: str) -> AnyResponse:
    return once_more(_counter(caller, shop_id, fault, form().get("code", "")))


def _counter(caller: Caller, shop_id: UUID, fault: str, code: str) -> str:
    shop = require_staff(shop_id, caller.person)
    rows, following = queries.redemptions_of(shop_id, USUAL, request.args.get("cursor"))
    latest = clock.now().timestamp() - UNDO_SECONDS
    can_undo = {row.id for row, _ in rows if row.undone_at is None and row.at.timestamp() > latest}
    told = {"fault": fault, "code": code, "done": request.args.get("done") == "1" and not fault}
    return page("vouchers_counter.html", shop=shop, rows=rows, next=following, can_undo=can_undo, **told)


@door.get("/portal/skus/<uuid:sku_id>/terms")
def show_terms(caller: Caller, sku_id: UUID) -> str:
    """When a service may be had, and the times at which it is."""
    return _terms_page(caller, sku_id, {})


@door.post("/portal/skus/<uuid:sku_id>/terms")
def set_terms(caller: Caller, sku_id: UUID) -> AnyResponse:
    """Save when it may be had."""
    weekdays = [day for day in range(1, 8) if form().get(f"weekday-{day}")]
    return _terms_sent(
        caller,
        sku_id,
        lambda: actions.set_terms(caller, sku_id, {**TermsForm().load(form()), "weekdays": weekdays}),
        lambda faults: _terms_page(caller, sku_id, faults, {**form(), "weekdays": weekdays}),
    )


@door.post("/portal/skus/<uuid:sku_id>/slots")
def add_slot(caller: Caller, sku_id: UUID) -> AnyResponse:
    """A time at which it may be had, by so many."""

    def add() -> None:
        given = SlotForm().load(form())
        actions.add_slots(caller, sku_id, [given["starts_at"]], given["capacity"])

    def again(faults: dict[str, Any]) -> str:
        named = {"starts_at" if name == "starts" else name: texts for name, texts in faults.items()}
        return _terms_page(caller, sku_id, named, slot=form())

    return _terms_sent(caller, sku_id, add, again)


def _terms_sent(
    caller: Caller, sku_id: UUID, work: Callable[[], object], again: Callable[[dict[str, Any]], str]
) -> AnyResponse:
    shop_of_sku(sku_id, caller.person)
    faults = faults_of(work)
    return go(f"/portal/skus/{sku_id}/terms?done=1") if faults is None else once_more(again(faults))


def _terms_page(
    caller: Caller,
    sku_id: UUID,
    faults: dict[str, Any],
    terms: Mapping[str, Any] | None = None,
    slot: Mapping[str, str] | None = None,
) -> str:
    """`terms`, `slot`: the form that was sent, if one was."""
    product, shop, _ = product_of_staff(product_id_of(sku_id), caller.person)
    told = {"values": terms or _filled(sku_id), "slot": slot or {}, "faults": faults, "sku_id": sku_id}
    fault, known = faults.get("sku_id", [""])[0], queries.terms_of(sku_id)
    slots = [(one, known is None or allows(known, one.starts_at)) for one in queries.slots_of([sku_id])]
    done = request.args.get("done") == "1"
    return page("vouchers_terms.html", product=product, shop=shop, slots=slots, fault=fault, done=done, **told)


def _filled(sku_id: UUID) -> dict[str, Any]:
    """The terms of a service as their form is filled in."""
    found = queries.terms_of(sku_id)
    return {
        "days": found.days or "" if found else "",
        "valid_from": _local(found.valid_from if found else None),
        "valid_until": _local(found.valid_until if found else None),
        "weekdays": found.weekdays if found else [],
        "dates": " ".join(found.dates) if found else "",
        "needs_booking": found.needs_booking if found else False,
    }


def _local(moment: datetime | None) -> str:
    """As <input type="datetime-local"> wants it, in the time of China."""
    return f"{moment.astimezone(clock.CHINA):%Y-%m-%dT%H:%M}" if moment else ""
