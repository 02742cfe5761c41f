"""Disputes of after-sales in the admin view, where moderators decide."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.errors import Refused, bad_field
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.store.aftersales import actions, queries
from app.store.aftersales.models import DESK
from app.store.aftersales.schemas import DecisionForm, DeskQuery
from app.store.delivery.queries import carrier_names
from app.store.shops.queries import shop_or_missing, shops_by_id

CASES = "/admin/aftersales"
CASE = f"{CASES}/<uuid:case_id>"
door = PageDoor("aftersales", __name__, who=MODERATOR)
_FIELDS = {"refund_too_large": "amount", "no_return_address": "outcome"}
"""Beside which field of the form a refusal stands."""
menu.add(menu.ADMIN_VIEW, CASES, "售后争议", "Disputes", order=16)


@door.get(CASES)
def list_disputes(caller: Caller) -> str:
    """Disputes of all shops, the longest waiting first; or another part of all cases."""
    asked = DeskQuery().load({"part": "disputed", **request.args.to_dict()})
    found = queries.desk_cases(None, asked["part"], asked["limit"], asked["cursor"])
    shops = shops_by_id({one["shop_id"] for one in found["items"]})
    told = {"part": asked["part"], "parts": tuple(DESK), "waiting": queries.waiting_cases(None), "shops": shops}
    return page("aftersales_desk.html", cases=found["items"], next=found["next"], now=_now(), **told)


@door.get(CASE)
def show_dispute(caller: Caller, case_id: UUID) -> str:
    """What both sides say and show."""
    return _case_page(case_id, {})


@door.post(f"{CASE}/decision")
def decide(caller: Caller, case_id: UUID) -> AnyResponse:
    """End the dispute; once, however often the form is sent."""
    queries.case_or_missing(case_id)

    def end() -> AnyResponse:
        given = DecisionForm().load(form())
        try:
            actions.decide(caller, case_id, given["outcome"], given["words"], given["amount"])
        except Refused as refused:
            if refused.code not in _FIELDS:
                raise
            raise bad_field(_FIELDS[refused.code], refused.zh, refused.en) from None
        return go(f"{CASES}/{case_id}?done=1")

    return submitted(end, lambda faults: _case_page(case_id, faults), moved=f"{CASES}/{case_id}?done=moved")


def _case_page(case_id: UUID, faults: dict[str, Any]) -> str:
    found = queries.case_or_missing(case_id)
    case, shop = queries.with_goods(queries.shown([found]))[0], shop_or_missing(found.shop_id)
    typed = {"faults": faults, "filled": form(), "done": request.args.get("done", ""), "carrier_names": carrier_names()}
    return page("aftersales_dispute.html", case=case, shop=shop, now=_now(), **typed)


def _now() -> str:
    return clock.iso(clock.now())
