"""Pages of the platform's coupons, for admins."""

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
from app.plays.coupons import actions
from app.plays.coupons.queries import shown_batches
from app.plays.coupons.schemas import batch_sent
from app.plays.offers.models import PLATFORM
from app.plays.promotions import queries
from app.plays.promotions.actions import change_promotion
from app.plays.promotions.schemas import StateForm, promotion_sent

door = PageDoor("coupons", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, "/admin/coupons", "优惠券", "Coupons", order=45, scopes=frozenset({ADMIN}))


@door.get("/admin/coupons", who=ADMIN)
def list_coupons(caller: Caller) -> str:
    """Batches of coupons, newest first, with what they brought."""
    found, following = queries.promotions_of(None, True, USUAL, request.args.get("cursor"))
    shown = {"items": shown_batches(found), "next": following, "kinds": queries.kinds_of(PLATFORM)}
    return page("promotions_list.html", shop=None, base="/admin/coupons", is_coupon=True, **shown)


@door.get("/admin/coupons/new", who=ADMIN)
def new_batch(caller: Caller) -> str:
    """An empty form of one kind."""
    return _form_page({"kind": request.args.get("kind", "")}, {})


@door.post("/admin/coupons", who=ADMIN)
def make_batch(caller: Caller) -> AnyResponse:
    """Make it, a draft; sent twice, it is made once."""

    def make() -> AnyResponse:
        batch_id, wanted = promotion_sent(form(), is_platform=True, is_coupon=True)
        actions.make_batch(None, caller.person, wanted, batch_sent(form()), batch_id)
        return go("/admin/coupons")

    return submitted(make, lambda faults: _form_page(form(), faults))


@door.post("/admin/coupons/<uuid:batch_id>/state", who=ADMIN)
def change_state(caller: Caller, batch_id: UUID) -> AnyResponse:
    """Run, pause or end it."""
    change_promotion(None, caller.person, batch_id, StateForm().load(form()), is_coupon=True)
    return go("/admin/coupons")


def _form_page(filled: dict[str, str], faults: dict[str, Any]) -> str:
    kind = queries.kind_of(PLATFORM, filled.get("kind", ""))
    form_id = new_id() if "id" in faults else filled.get("id", new_id())
    told = {"filled": filled, "faults": faults, "form_id": form_id, "is_coupon": True}
    return page("promotions_form.html", shop=None, base="/admin/coupons", kind=kind, **told)
