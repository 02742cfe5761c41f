"""The page of a shop's deposit: what is there, paying in, penalties and appeals."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.config import settings
from app.core.errors import Refused
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.paging import USUAL
from app.store.deposits import actions, queries
from app.store.deposits.models import LONGEST_TEXT
from app.store.deposits.schemas import AppealForm, PaymentForm, SurplusForm
from app.store.shops.models import DEPOSITS, MONEY, RIGHTS
from app.store.shops.queries import require_right, role_of

DEPOSIT = "/portal/shops/<uuid:shop_id>/deposit"
TOP_UPS, SURPLUS = 10, "surplus"
door = PageDoor("deposits", __name__, who=PERSON)
menu.add(menu.SHOP, "/deposit", "保证金", "Deposit", order=80, right=DEPOSITS)


@door.get(DEPOSIT)
def show_deposit(caller: Caller, shop_id: UUID) -> str:
    """What the shop has left with us, what it owes, and for what."""
    return _deposit_page(caller, shop_id, {}, "")


@door.post(f"{DEPOSIT}/payments")
def pay_in(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Pay into it: the browser goes on to where it is paid."""
    require_right(shop_id, caller.person, DEPOSITS)
    if not settings.sandbox_payments:
        zh, en = "网页端暂未开通支付", "Paying on this page is not open yet."
        raise Refused(409, "no_gateway", zh, en)
    return submitted(
        lambda: go(actions.pay_in(caller, shop_id, PaymentForm().load(form())["amount"], "sandbox").pay_url),
        lambda faults: _deposit_page(caller, shop_id, faults, ""),
    )


@door.post(f"{DEPOSIT}/withdrawals")
def pay_out(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Take out what is above the required deposit, once however often the form is sent."""

    def take_out() -> AnyResponse:
        given = SurplusForm().load(form())
        actions.pay_out_surplus(caller, shop_id, given["amount"], given["id"])
        return go(f"/portal/shops/{shop_id}/deposit?done=1")

    require_right(shop_id, caller.person, DEPOSITS)
    return submitted(take_out, lambda faults: _deposit_page(caller, shop_id, faults, SURPLUS))


@door.post(f"{DEPOSIT}/penalties/<uuid:penalty_id>/appeal")
def appeal(caller: Caller, shop_id: UUID, penalty_id: UUID) -> AnyResponse:
    """Say why a penalty is wrong."""
    require_right(shop_id, caller.person, DEPOSITS)
    queries.penalty_of(penalty_id, shop_id)
    faults = faults_of(lambda: actions.appeal(caller, penalty_id, AppealForm().load(form())["words"]))
    if faults is None:
        return go(f"/portal/shops/{shop_id}/deposit")
    return once_more(_deposit_page(caller, shop_id, faults, str(penalty_id)))


def _deposit_page(caller: Caller, shop_id: UUID, faults: dict[str, Any], place: str) -> str:
    """`place`: which form is at fault: "" the one that pays in, SURPLUS, or the id of the penalty appealed."""
    shop = require_right(shop_id, caller.person, DEPOSITS)
    may = MONEY in RIGHTS[role_of(shop_id, caller.person) or ""]
    penalties = queries.penalties_of(shop_id, USUAL, request.args.get("cursor"))
    moved = {"top_ups": queries.top_ups_of(shop_id, TOP_UPS), "taken_out": queries.withdrawals_of(shop_id, TOP_UPS)}
    out_id = new_id() if place != SURPLUS or "id" in faults else form().get("id", new_id())
    told = {"stand": queries.stand_of(shop_id), "most": LONGEST_TEXT, "out_id": out_id, **moved}
    typed = {"faults": faults, "place": place, "filled": form(), "done": request.args.get("done")}
    return page(
        "deposits_deposit.html",
        shop=shop,
        may=may,
        penalties=penalties["items"],
        next=penalties["next"],
        **told,
        **typed,
    )
