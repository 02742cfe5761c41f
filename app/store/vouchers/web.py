"""The page of one's vouchers: of the person who signed in, and of the guest that the browser was."""

import segno
from flask import request
from markupsafe import Markup

from app.core.caller import Caller
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, page
from app.core.paging import USUAL
from app.store.vouchers import queries
from app.store.vouchers.models import UNUSED

door = PageDoor("vouchers", __name__)


@door.get("/vouchers", limit="page")
def list_vouchers(caller: Caller) -> str | ForNobody:
    """What can be had at a counter: the code as text, and as a QR code for the counter's scanner."""
    owners = both_at_browser(caller)
    if not owners:
        return ForNobody(page("vouchers_mine.html", vouchers=[], slots={}, codes={}, next=None, is_anonymous=True))
    found, following = queries.vouchers_of(owners, USUAL, request.args.get("cursor"))
    slots = queries.slots_by_id({one.slot_id for one in found if one.slot_id})
    codes = {one.id: _drawn(one.code) for one in found if one.state == UNUSED}
    return page("vouchers_mine.html", vouchers=found, slots=slots, codes=codes, next=following)


def _drawn(code: str) -> Markup:
    return Markup(segno.make(code, error="m").svg_inline(scale=4, omitsize=True, svgclass="qr", lineclass=None))
