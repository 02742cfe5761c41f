"""Pages of the admin view: appeals that wait, and the deposit of one shop."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import SHOP, Caller, Ref
from app.core.errors import bad_field
from app.core.http import menu
from app.core.http.door import ADMIN, MODERATOR
from app.core.http.forms import faults_of, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.paging import USUAL
from app.store.deposits import actions, queries
from app.store.deposits.models import LONGEST_REASON, LONGEST_TEXT
from app.store.deposits.schemas import AnswerForm, PenaltyForm, RequirementForm
from app.store.orders.queries import sells_in
from app.store.shops.queries import shop_or_missing

APPEALS = "/admin/appeals"
DEPOSIT = "/admin/shops/<uuid:shop_id>/deposit"
door = PageDoor("deposits", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, APPEALS, "扣款申诉", "Appeals", order=14)


@door.get(APPEALS)
def list_appeals(caller: Caller) -> str:
    """Appeals against penalties that nobody has decided, the longest waiting first."""
    return _appeals_page({}, "")


@door.post(f"{APPEALS}/<uuid:appeal_id>/decision")
def decide(caller: Caller, appeal_id: UUID) -> AnyResponse:
    """Give the penalty back, or say why not."""

    def answer() -> AnyResponse:
        given = AnswerForm().load(form())
        actions.decide_appeal(caller.person, appeal_id, given["word"] == "grant", given["answer"])
        return go(APPEALS)

    return submitted(answer, lambda faults: _appeals_page(faults, str(appeal_id)))


@door.get(DEPOSIT)
def show_deposit(caller: Caller, shop_id: UUID) -> str:
    """The deposit of a shop, its penalties, and what may be done about it."""
    return _deposit_page(shop_id, {})


@door.post(f"{DEPOSIT}/penalties", who=ADMIN)
def take_penalty(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Take a penalty; once for each reason and order."""

    def take() -> None:
        given = PenaltyForm().load(form())
        order_id = given["order_id"]
        if order_id and not sells_in(shop_id, order_id):
            raise bad_field("order_id", "这家店铺没有这个订单", "This shop has no such order.")
        about = Ref("order", order_id) if order_id else Ref(SHOP, shop_id)
        actions.take_penalty(shop_id, given["amount"], given["reason"], about, caller.person, given["id"])

    return _done(shop_id, take)


@door.post(f"{DEPOSIT}/requirement", who=ADMIN)
def require_deposit(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Say what this shop must leave with us."""
    return _done(
        shop_id,
        lambda: actions.require_deposit(caller.person, shop_id, RequirementForm().load(form())["amount"]),
    )


def _done(shop_id: UUID, work: Callable[[], object]) -> AnyResponse:
    """Do it, or show the page again with what was typed."""
    shop_or_missing(shop_id)
    faults = faults_of(work)
    if faults is None:
        return go(f"/admin/shops/{shop_id}/deposit")
    return once_more(_deposit_page(shop_id, faults))


def _appeals_page(faults: dict[str, Any], place: str) -> str:
    found, following = queries.open_appeals(USUAL, request.args.get("cursor"))
    typed = {"faults": faults, "place": place, "filled": form(), "most": LONGEST_TEXT}
    return page("deposits_appeals.html", found=found, next=following, **typed)


def _deposit_page(shop_id: UUID, faults: dict[str, Any]) -> str:
    shop = shop_or_missing(shop_id)
    penalties = queries.penalties_of(shop_id, USUAL, request.args.get("cursor"))
    told = {"stand": queries.stand_of(shop_id), "penalties": penalties["items"], "next": penalties["next"]}
    typed = {"faults": faults, "filled": form(), "most": LONGEST_REASON, "penalty_id": new_id()}
    return page("deposits_shop.html", shop=shop, **told, **typed)
