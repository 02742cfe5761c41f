"""Pages of who works in a shop, and of the invitations that wait for one's own answer."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.errors import Refused
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.store.shops.models import RIGHTS, ROLES, STAFF
from app.store.shops.queries import require_staff, role_of
from app.store.staffing import actions, queries
from app.store.staffing.schemas import HIRED, InvitationIn, RoleIn

LOG_LINES = 20
INVITATIONS = "/portal/invitations"
STAFF_OF = "/portal/shops/<uuid:shop_id>/staff"
door = PageDoor("staffing", __name__, who=PERSON)
menu.add(menu.SHOP, "/staff", "员工", "Staff", order=60)
menu.add(menu.PORTAL, INVITATIONS, "邀请", "Invitations", order=25)


@door.get(STAFF_OF)
def show_staff(caller: Caller, shop_id: UUID) -> str:
    """Who works in the shop, who is invited, and what changed of late."""
    return _staff_page(caller, shop_id)


@door.post(STAFF_OF)
def invite(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Ask somebody to work there, or to take the shop over."""
    require_staff(shop_id, caller.person)
    why = ""
    try:
        faults = faults_of(lambda: actions.invite(caller, shop_id, **InvitationIn().load(form())))
    except Refused as refused:
        if refused.status != 409:
            raise
        faults, why = {}, refused.text(language())
    return _back(shop_id) if faults is None else once_more(_staff_page(caller, shop_id, form(), faults, why))


@door.post(f"{STAFF_OF}/<uuid:person_id>/role")
def change_role(caller: Caller, shop_id: UUID, person_id: UUID) -> AnyResponse:
    """Give somebody another role."""
    actions.change_role(caller, shop_id, person_id, RoleIn().load(form())["role"])
    return _back(shop_id)


@door.post(f"{STAFF_OF}/<uuid:person_id>/removal")
def remove(caller: Caller, shop_id: UUID, person_id: UUID) -> AnyResponse:
    """Somebody works there no more, or leaves by himself."""
    actions.remove(caller, shop_id, person_id)
    return go("/portal/shops") if person_id == caller.person else _back(shop_id)


@door.post("/portal/shops/<uuid:shop_id>/invitations/<uuid:invitation_id>/withdrawal")
def withdraw(caller: Caller, shop_id: UUID, invitation_id: UUID) -> AnyResponse:
    """Ask no more."""
    actions.withdraw_invitation(caller, shop_id, invitation_id)
    return _back(shop_id)


@door.get(INVITATIONS)
def list_invitations(caller: Caller) -> str:
    """Shops that ask the caller to work there."""
    return page("staffing_invitations.html", **queries.invitations_of(caller.person, USUAL, request.args.get("cursor")))


@door.post(f"{INVITATIONS}/<uuid:invitation_id>/acceptance")
def accept(caller: Caller, invitation_id: UUID) -> AnyResponse:
    """Say yes."""
    return go(f"/portal/shops/{actions.accept_invitation(caller, invitation_id).shop_id}")


@door.post(f"{INVITATIONS}/<uuid:invitation_id>/refusal")
def decline(caller: Caller, invitation_id: UUID) -> AnyResponse:
    """Say no."""
    actions.decline_invitation(caller, invitation_id)
    return go(INVITATIONS)


def _staff_page(
    caller: Caller, shop_id: UUID, filled: dict[str, str] | None = None, faults: Any = None, why: str = ""
) -> str:
    shop = require_staff(shop_id, caller.person)
    may = STAFF in RIGHTS[role_of(shop_id, caller.person) or ""]
    staff = queries.staff_of(shop_id, USUAL, request.args.get("cursor"))
    told = {"staff": staff["items"], "next": staff["next"], "may": may, "log": queries.log_of(shop_id, LOG_LINES)}
    invited = queries.invitations_of_shop(shop_id)["items"] if may else []
    typed = {"filled": filled or {}, "faults": faults or {}, "why": why}
    return page("staffing_staff.html", shop=shop, invited=invited, roles=ROLES, hired=HIRED, **told, **typed)


def _back(shop_id: UUID) -> AnyResponse:
    return go(f"/portal/shops/{shop_id}/staff")
