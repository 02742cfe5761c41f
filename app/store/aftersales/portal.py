"""The desk of a shop's after-sales cases, for those who serve its buyers; and where goods come back to."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.store.aftersales import actions, queries
from app.store.aftersales.models import DESK
from app.store.aftersales.schemas import ArrivalForm, DeskQuery, PolicyForm, ReasonForm, WordsForm
from app.store.delivery.queries import carriers_to_choose
from app.store.shops.models import SEE, SERVE, SETTINGS
from app.store.shops.queries import require_right, require_staff, rights_in, shop_or_missing

CASES, CASE = "/portal/shops/<uuid:shop_id>/aftersales", "/portal/aftersales/<uuid:case_id>"
POLICY = "/portal/shops/<uuid:shop_id>/return-policy"
door = PageDoor("aftersales", __name__, who=PERSON)
menu.add(menu.SHOP, "/aftersales", "售后", "After-sales", order=22)


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
    return _step(caller, case_id, lambda: actions.approve(caller, case_id, WordsForm().load(form())["words"]))


@door.post(f"{CASE}/refusal")
def refuse(caller: Caller, case_id: UUID) -> AnyResponse:
    """The shop does not agree, and says why."""
    return _step(caller, case_id, lambda: actions.refuse(caller, case_id, ReasonForm().load(form())["words"]))


@door.post(f"{CASE}/arrival")
def confirm_arrival(caller: Caller, case_id: UUID) -> AnyResponse:
    """The goods are back; of an exchange the others are on their way."""
    return _step(caller, case_id, lambda: actions.confirm_arrival(caller, case_id, **ArrivalForm().load(form())))


@door.get(POLICY)
def show_policy(caller: Caller, shop_id: UUID) -> str:
    """Where goods go back to, and whether the way back is insured."""
    return _policy_page(caller, shop_id, {})


@door.post(POLICY)
def set_policy(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Say so."""
    require_right(shop_id, caller.person, SETTINGS)
    faults = faults_of(lambda: actions.set_policy(shop_id, **PolicyForm().load(form())))
    if faults is None:
        return go(f"/portal/shops/{shop_id}/return-policy?done=1")
    return once_more(_policy_page(caller, shop_id, faults))


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
    told = {"case": case, "may": may, "carriers": carriers_to_choose(), "now": _now()}
    return page("aftersales_case.html", shop=shop, **told, **typed)


def _policy_page(caller: Caller, shop_id: UUID, faults: dict[str, Any]) -> str:
    shop = require_staff(shop_id, caller.person)
    may = SETTINGS in rights_in(shop_id, caller.person)
    typed = {"faults": faults, "filled": form(), "done": request.args.get("done", "")}
    return page("aftersales_policy.html", shop=shop, policy=queries.policy_of(shop_id), may=may, **typed)


def _now() -> str:
    return clock.iso(clock.now())
