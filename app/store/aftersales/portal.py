"""The desk of a shop's after-sales cases, for those who serve its buyers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.errors import Refused, bad_field
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.store.aftersales import actions, queries
from app.store.aftersales.models import DESK, Arrival
from app.store.aftersales.schemas import ArrivalForm, DeskQuery, ReasonForm, WordsForm
from app.store.delivery.queries import carrier_names, carriers_to_choose
from app.store.shops.models import SEE, SERVE
from app.store.shops.queries import require_staff, rights_in, shop_or_missing

CASES, CASE = "/portal/shops/<uuid:shop_id>/aftersales", "/portal/aftersales/<uuid:case_id>"
door = PageDoor("aftersales", __name__, who=PERSON)
menu.add(menu.SHOP, "/aftersales", "售后", "After-sales", order=22, right=SEE)


@door.get(CASES)
def list_cases(caller: Caller, shop_id: UUID) -> str:
    """One part of the desk: what waits for an answer, unless asked otherwise."""
    shop = require_staff(shop_id, caller.person)
    asked = DeskQuery().load(request.args.to_dict())
    found = queries.desk_cases(shop_id, asked["part"], asked["limit"], asked["cursor"])
    told = {"part": asked["part"], "parts": tuple(DESK), "waiting": queries.waiting_cases(shop_id)}
    return page("aftersales_list.html", shop=shop, cases=found["items"], next=found["next"], now=_now(), **told)


@door.get(CASE)
def show_case(caller: Caller, case_id: UUID) -> str:
    """A case with its log and pictures, and what may be done about it."""
    return _case_page(caller, case_id, {})


@door.post(f"{CASE}/approval")
def approve(caller: Caller, case_id: UUID) -> AnyResponse:
    """The shop agrees."""

    def agree() -> None:
        try:
            actions.approve(caller, case_id, WordsForm().load(form())["words"])
        except Refused as refused:
            if refused.code != "no_return_address":
                raise
            raise bad_field("address", refused.zh, refused.en) from None

    return _step(caller, case_id, agree)


@door.post(f"{CASE}/refusal")
def refuse(caller: Caller, case_id: UUID) -> AnyResponse:
    """The shop does not agree, and says why."""
    return _step(caller, case_id, lambda: actions.refuse(caller, case_id, ReasonForm().load(form())["words"]))


@door.post(f"{CASE}/arrival")
def confirm_arrival(caller: Caller, case_id: UUID) -> AnyResponse:
    """The goods are back; of an exchange the others are on their way, or the money is."""

    def take_in() -> None:
        try:
            actions.confirm_arrival(caller, case_id, Arrival(**ArrivalForm().load(form())))
        except Refused as refused:
            if refused.code != "sold_out":
                raise
            raise bad_field("stock", refused.zh, refused.en) from None

    return _step(caller, case_id, take_in)


def _step(caller: Caller, case_id: UUID, step: Callable[[], object]) -> AnyResponse:
    """A case moves once, however often the form is sent: what has just been done, by whom ever, is shown instead."""
    queries.case_of_shop(caller, case_id, SERVE)
    here = f"/portal/aftersales/{case_id}"

    def take() -> AnyResponse:
        step()
        return go(f"{here}?done=1")

    return submitted(take, lambda faults: _case_page(caller, case_id, faults), moved=f"{here}?done=moved")


def _case_page(caller: Caller, case_id: UUID, faults: dict[str, Any]) -> str:
    found = queries.case_of_shop(caller, case_id, SEE)
    case = queries.with_goods(queries.shown([found]))[0]
    shop, may = shop_or_missing(found.shop_id), SERVE in rights_in(found.shop_id, caller.person)
    typed = {"faults": faults, "filled": form(), "done": request.args.get("done", "")}
    told = {"case": case, "may": may, "carriers": carriers_to_choose(), "carrier_names": carrier_names(), "now": _now()}
    return page("aftersales_case.html", shop=shop, **told, **typed)


def _now() -> str:
    return clock.iso(clock.now())
