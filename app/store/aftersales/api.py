"""Doors of after-sales: of the buyer, of the shop, and of moderators who decide."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import BUYER, MODERATOR, PERSON, Door
from app.store.aftersales import actions, queries
from app.store.aftersales.models import Arrival, LineClaimed, Wish
from app.store.aftersales.schemas import (
    ArrivalIn,
    BackParcelIn,
    CaseAppealIn,
    CaseIn,
    CaseOut,
    CasePage,
    CasesQuery,
    DecisionIn,
    RefusalIn,
    WordsIn,
)

door = Door("aftersales", for_keys=True)
ORDER, CASE = "/orders/<uuid:order_id>/aftersales", "/aftersales/<uuid:case_id>"


@door.post(ORDER, takes=CaseIn, gives=CaseOut, who=BUYER, limit="order", key="required")
def open_case(caller: Caller, order_id: UUID, given: dict[str, Any]) -> Ready:
    """Ask for money back, a return, an exchange, or the difference to a fallen price. What is not sent is refunded at
    once."""
    lines = [LineClaimed(**one) for one in given.pop("lines")]
    return _shown(caller, actions.open_case(caller, order_id, Wish(lines=lines, **given)).id)


@door.get(ORDER, gives=CasePage, who=BUYER)
def list_cases_of_order(caller: Caller, order_id: UUID) -> Ready:
    """All cases of an order, for its buyer and for the staff of its shop."""
    return Ready(orjson.dumps(queries.cases_of_order(caller, order_id)))


@door.get(CASE, gives=CaseOut, who=BUYER)
def show_case(caller: Caller, case_id: UUID) -> Ready:
    """A case, for its buyer and for the staff of its shop."""
    return _shown(caller, case_id)


@door.post(f"{CASE}/withdrawal", gives=CaseOut, who=BUYER, limit="order")
def withdraw(caller: Caller, case_id: UUID) -> Ready:
    """Give a case up."""
    return _shown(caller, actions.withdraw(caller, case_id).id)


@door.post(f"{CASE}/approval", takes=WordsIn, gives=CaseOut, limit="order", key="required")
def approve(caller: Caller, case_id: UUID, given: dict[str, Any]) -> Ready:
    """The shop agrees."""
    return _shown(caller, actions.approve(caller, case_id, given["words"]).id)


@door.post(f"{CASE}/refusal", takes=RefusalIn, gives=CaseOut, limit="order")
def refuse(caller: Caller, case_id: UUID, given: dict[str, Any]) -> Ready:
    """The shop does not agree, and says why."""
    return _shown(caller, actions.refuse(caller, case_id, given["words"]).id)


@door.post(f"{CASE}/parcel", takes=BackParcelIn, gives=CaseOut, who=BUYER, limit="order")
def enter_parcel(caller: Caller, case_id: UUID, given: dict[str, Any]) -> Ready:
    """The buyer has sent the goods back."""
    return _shown(caller, actions.enter_parcel(caller, case_id, **given).id)


@door.post(f"{CASE}/arrival", takes=ArrivalIn, gives=CaseOut, limit="order", key="required")
def confirm_arrival(caller: Caller, case_id: UUID, given: dict[str, Any]) -> Ready:
    """The shop has the goods back."""
    return _shown(caller, actions.confirm_arrival(caller, case_id, Arrival(**given)).id)


@door.post(f"{CASE}/appeal", takes=CaseAppealIn, gives=CaseOut, who=BUYER, limit="order")
def appeal(caller: Caller, case_id: UUID, given: dict[str, Any]) -> Ready:
    """Ask the moderators about a refusal."""
    return _shown(caller, actions.appeal(caller, case_id, given["words"], given["uploads"]).id)


@door.get("/me/aftersales", gives=CasePage, asks=CasesQuery, who=BUYER, for_keys=False)
def list_my_cases(caller: Caller, asked: dict[str, Any]) -> Ready:
    """The caller's cases."""
    return Ready(orjson.dumps(queries.cases_of_buyer(caller.buyer, **asked)))


@door.get("/shops/<uuid:shop_id>/aftersales", gives=CasePage, asks=CasesQuery, who=PERSON)
def list_cases_of_shop(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> Ready:
    """A shop's cases, the oldest first, for its staff."""
    return Ready(orjson.dumps(queries.cases_of_shop(shop_id, caller.person, **asked)))


@door.get("/desk/aftersales", gives=CasePage, asks=CasesQuery, who=MODERATOR)
def list_cases(caller: Caller, asked: dict[str, Any]) -> Ready:
    """Cases of all shops, the oldest first; disputes wait for a decision."""
    return Ready(orjson.dumps(queries.all_cases(**asked)))


@door.post(
    "/desk/aftersales/<uuid:case_id>/decision",
    takes=DecisionIn,
    gives=CaseOut,
    who=MODERATOR,
    limit="order",
    key="required",
)
def decide(caller: Caller, case_id: UUID, given: dict[str, Any]) -> Ready:
    """End a dispute: the money goes back, the goods go back first, or neither."""
    done = actions.decide(caller, case_id, given["outcome"], given["words"], given["amount"])
    return Ready(orjson.dumps(queries.shown([done])[0]))


def _shown(caller: Caller, case_id: UUID) -> Ready:
    return Ready(orjson.dumps(queries.case_page(caller, case_id)))
