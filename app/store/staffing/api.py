"""Doors of who works in a shop."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.shops.models import SEE, STAFF
from app.store.shops.queries import require_right
from app.store.staffing import actions, queries
from app.store.staffing.schemas import InvitationIn, InvitationOut, InvitationsOut, RoleIn, StaffPageOut

STAFF_OF, ONE = "/shops/<uuid:shop_id>/staff", "/shops/<uuid:shop_id>/staff/<uuid:person_id>"
door = Door("staffing", for_keys=True)


@door.get(STAFF_OF, asks=PageQuery, gives=StaffPageOut, who=PERSON)
def list_staff(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """Who works in a shop, and as what; for those who work there."""
    require_right(shop_id, caller.person, SEE)
    return queries.staff_of(shop_id, **asked)


@door.post(STAFF_OF, takes=InvitationIn, gives=InvitationOut)
def invite(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Ask somebody to work in the shop; he accepts or declines. As "owner": to take the shop over."""
    return queries.shown_invitation(actions.invite(caller, shop_id, given["username"], given["role"]))


@door.patch(ONE, takes=RoleIn)
def change_role(caller: Caller, shop_id: UUID, person_id: UUID, given: dict[str, Any]) -> None:
    """Give somebody who works in the shop another role; it counts at his next request."""
    actions.change_role(caller, shop_id, person_id, given["role"])


@door.delete(ONE)
def remove(caller: Caller, shop_id: UUID, person_id: UUID) -> None:
    """Somebody works in the shop no more, from his next request on. Whoever is no owner may leave by himself."""
    actions.remove(caller, shop_id, person_id)


@door.get("/shops/<uuid:shop_id>/invitations", gives=InvitationsOut, who=PERSON)
def list_shop_invitations(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """Who is asked to work in the shop and has not answered yet."""
    require_right(shop_id, caller.person, STAFF)
    return queries.invitations_of_shop(shop_id)


@door.delete("/shops/<uuid:shop_id>/invitations/<uuid:invitation_id>")
def withdraw(caller: Caller, shop_id: UUID, invitation_id: UUID) -> None:
    """Ask no more."""
    actions.withdraw_invitation(caller, shop_id, invitation_id)


@door.get("/me/invitations", asks=PageQuery, gives=InvitationsOut, who=PERSON, for_keys=False)
def list_my_invitations(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Shops that ask the caller to work there, newest first."""
    return queries.invitations_of(caller.person, **asked)


@door.post("/me/invitations/<uuid:invitation_id>/acceptance", status=204, for_keys=False)
def accept(caller: Caller, invitation_id: UUID) -> None:
    """Work in the shop from now on, or own it."""
    actions.accept_invitation(caller, invitation_id)


@door.post("/me/invitations/<uuid:invitation_id>/refusal", status=204, for_keys=False)
def decline(caller: Caller, invitation_id: UUID) -> None:
    """Say no."""
    actions.decline_invitation(caller, invitation_id)
