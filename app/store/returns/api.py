"""Doors of policies of returns."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.store.returns import actions, queries
from app.store.returns.models import ReturnPolicy
from app.store.returns.schemas import PolicyIn, PolicyOut
from app.store.shops.models import RETURNS
from app.store.shops.queries import require_right, require_staff

door = Door("returns", for_keys=True)
POLICY = "/shops/<uuid:shop_id>/return-policy"


@door.get(POLICY, gives=PolicyOut, who=PERSON)
def show_policy(caller: Caller, shop_id: UUID) -> ReturnPolicy:
    """Where goods go back to, for the shop's staff."""
    require_staff(shop_id, caller.person)
    return queries.policy_of(shop_id)


@door.put(POLICY, takes=PolicyIn, gives=PolicyOut)
def set_policy(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> ReturnPolicy:
    """Say where goods go back to, and whether the way back is insured."""
    require_right(shop_id, caller.person, RETURNS)
    return actions.set_policy(shop_id, **given)
