"""The page that says where goods come back to."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.store.returns import actions, queries
from app.store.returns.schemas import PolicyForm
from app.store.shops.models import RETURNS
from app.store.shops.queries import require_right, require_staff, rights_in

POLICY = "/portal/shops/<uuid:shop_id>/return-policy"
door = PageDoor("returns", __name__, who=PERSON)


@door.get(POLICY)
def show_policy(caller: Caller, shop_id: UUID) -> str:
    """Where goods go back to, and whether the way back is insured."""
    return _policy_page(caller, shop_id, {})


@door.post(POLICY)
def set_policy(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Say so."""
    require_right(shop_id, caller.person, RETURNS)
    faults = faults_of(lambda: actions.set_policy(shop_id, **PolicyForm().load(form())))
    if faults is None:
        return go(f"/portal/shops/{shop_id}/return-policy?done=1")
    return once_more(_policy_page(caller, shop_id, faults))


def _policy_page(caller: Caller, shop_id: UUID, faults: dict[str, Any]) -> str:
    shop = require_staff(shop_id, caller.person)
    may = RETURNS in rights_in(shop_id, caller.person)
    typed = {"faults": faults, "filled": form(), "done": request.args.get("done", "")}
    return page("returns_policy.html", shop=shop, policy=queries.policy_of(shop_id), may=may, **typed)
