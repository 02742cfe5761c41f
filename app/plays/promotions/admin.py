"""Pages of the platform's promotions, for admins."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import ADMIN, MODERATOR
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.paging import USUAL
from app.plays.offers.models import PLATFORM
from app.plays.promotions import actions, queries
from app.plays.promotions.schemas import StateForm, promotion_sent

door = PageDoor("promotions", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, "/admin/promotions", "促销", "Promotions", order=40, scopes=frozenset({ADMIN}))


@door.get("/admin/promotions", who=ADMIN)
def list_promotions(caller: Caller) -> str:
    """Promotions, newest first, with what they brought."""
    found, following = queries.promotions_of(None, False, USUAL, request.args.get("cursor"))
    shown = {"items": queries.shown_promotions(found), "next": following, "kinds": queries.kinds_of(PLATFORM)}
    return page("promotions_list.html", shop=None, base="/admin/promotions", is_coupon=False, **shown)


@door.get("/admin/promotions/new", who=ADMIN)
def new_promotion(caller: Caller) -> str:
    """An empty form of one kind."""
    return _form_page({"kind": request.args.get("kind", "")}, {})


@door.post("/admin/promotions", who=ADMIN)
def make_promotion(caller: Caller) -> AnyResponse:
    """Make it, a draft; sent twice, it is made once."""

    def make() -> AnyResponse:
        promotion_id, wanted = promotion_sent(form(), is_platform=True, is_coupon=False)
        actions.make_promotion(None, caller.person, wanted, promotion_id)
        return go("/admin/promotions")

    return submitted(make, lambda faults: _form_page(form(), faults))


@door.post("/admin/promotions/<uuid:promotion_id>/state", who=ADMIN)
def change_state(caller: Caller, promotion_id: UUID) -> AnyResponse:
    """Run, pause or end it."""
    actions.change_promotion(None, caller.person, promotion_id, StateForm().load(form()))
    return go("/admin/promotions")


def _form_page(filled: dict[str, str], faults: dict[str, Any]) -> str:
    kind = queries.kind_of(PLATFORM, filled.get("kind", ""))
    form_id = new_id() if "id" in faults else filled.get("id", new_id())
    told = {"filled": filled, "faults": faults, "form_id": form_id, "is_coupon": False}
    return page("promotions_form.html", shop=None, base="/admin/promotions", kind=kind, **told)
