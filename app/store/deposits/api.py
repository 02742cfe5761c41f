"""Doors of deposits."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.deposits import actions, queries
from app.store.deposits.schemas import (
    DepositOut,
    DepositPaymentIn,
    PenaltiesOut,
    PenaltyAppealIn,
    PenaltyOut,
    SurplusIn,
)
from app.store.payments.actions import BEGINNING, wanted
from app.store.payments.schemas import PaymentToPayOut
from app.store.shops.models import DEPOSITS
from app.store.shops.queries import require_right

OF_SHOP = "/shops/<uuid:shop_id>/deposit"
door = Door("deposits", for_keys=True)


@door.get(OF_SHOP, gives=DepositOut, who=PERSON)
def show_deposit(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """What the shop has left with us, what it owes, what is required of it."""
    require_right(shop_id, caller.person, DEPOSITS)
    return _shown(shop_id)


@door.post(
    f"{OF_SHOP}/payments",
    takes=DepositPaymentIn,
    gives=PaymentToPayOut,
    limit="order",
    key="required",
    calls=BEGINNING,
)
def pay_in(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> Any:
    """Begin to pay into the deposit; paid as a purchase is."""
    return wanted(actions.pay_in(caller, shop_id, **given))


@door.post(f"{OF_SHOP}/withdrawals", takes=SurplusIn, gives=DepositOut, limit="order", key="required")
def pay_out(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """What is above the required deposit stands in the shop's next bill and is paid out with it."""
    actions.pay_out_surplus(caller, shop_id, given["amount"])
    return _shown(shop_id)


@door.get("/shops/<uuid:shop_id>/penalties", asks=PageQuery, gives=PenaltiesOut, who=PERSON)
def list_penalties(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What the shop had to pay, for what, and what came of its appeals; newest first."""
    require_right(shop_id, caller.person, DEPOSITS)
    return queries.penalties_of(shop_id, asked["limit"], asked["cursor"])


@door.post("/shops/<uuid:shop_id>/penalties/<uuid:penalty_id>/appeal", takes=PenaltyAppealIn, gives=PenaltyOut)
def appeal(caller: Caller, shop_id: UUID, penalty_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Say why a penalty is wrong; staff decide."""
    require_right(shop_id, caller.person, DEPOSITS)
    queries.penalty_of(penalty_id, shop_id)
    actions.appeal(caller, penalty_id, given["words"])
    return queries.penalty_of(penalty_id, shop_id)


def _shown(shop_id: UUID) -> dict[str, Any]:
    stand = queries.stand_of(shop_id)
    told = {name: getattr(stand, name) for name in ("held", "owed", "required", "lacking", "state", "short_since")}
    return {"id": shop_id, **told}
