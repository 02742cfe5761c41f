"""The pages of one's vouchers: of the person who signed in, and of the guest that the browser was."""

from typing import Any
from uuid import UUID

import segno
from flask import request
from markupsafe import Markup
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.http import browser
from app.core.http.forms import form, once_more
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.store.orders.schemas import OfOrderQuery
from app.store.vouchers import actions, queries
from app.store.vouchers.models import UNUSED, Voucher
from app.store.vouchers.schemas import BookingForm

door = PageDoor("vouchers", __name__)


@door.get("/vouchers", limit="page")
def list_vouchers(caller: Caller) -> str | ForNobody:
    """What can be had at a counter: the code as text, and as a QR code for the counter's scanner."""
    owners = both_at_browser(caller)
    if not owners:
        empty: dict[str, Any] = {"vouchers": [], "slots": {}, "codes": {}, "next": None, "order_id": None}
        return ForNobody(page("vouchers_mine.html", **empty, is_anonymous=True))
    order_id = OfOrderQuery().load(request.args)["order"]
    found, following = queries.vouchers_of(owners, USUAL, request.args.get("cursor"), order_id)
    slots = queries.slots_by_id({one.slot_id for one in found if one.slot_id})
    codes = {one.id: _drawn(one.code) for one in found if one.state == UNUSED}
    told = {"vouchers": found, "slots": slots, "codes": codes, "next": following, "order_id": order_id}
    return page("vouchers_mine.html", **told)


@door.get("/vouchers/<uuid:voucher_id>/booking")
def choose_slot(caller: Caller, voucher_id: UUID) -> str:
    """The times at which it can be had."""
    _, found = browser.of_either(caller, lambda one: queries.voucher_of(one.buyer, voucher_id))
    return _booking_page(found, "")


@door.post("/vouchers/<uuid:voucher_id>/booking")
def book(caller: Caller, voucher_id: UUID) -> AnyResponse:
    """Come at that time, or at none. Where that cannot be any more, the times are shown as they are now, and why."""
    owner, found = browser.of_either(caller, lambda one: queries.voucher_of(one.buyer, voucher_id))
    try:
        with db.session.begin_nested():
            actions.book(owner, voucher_id, BookingForm().load(form())["slot_id"])
    except ValidationError:
        zh, en = "没有这个时段，请重新选择", "There is no such time: choose another."
        return once_more(_booking_page(found, en if language() == "en" else zh))
    except Refused as refused:
        return once_more(_booking_page(found, refused.text(language())))
    return go("/vouchers")


def _booking_page(voucher: Voucher, fault: str) -> str:
    return page("vouchers_booking.html", voucher=voucher, slots=queries.slots_for(voucher), fault=fault)


def _drawn(code: str) -> Markup:
    return Markup(segno.make(code, error="m").svg_inline(scale=4, omitsize=True, svgclass="qr", lineclass=None))
