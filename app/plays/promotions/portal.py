"""Pages of a shop's promotions: list, make, run, pause, end."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.paging import USUAL
from app.plays.offers.models import SHOP
from app.plays.promotions import actions, queries
from app.plays.promotions.schemas import StateForm, promotion_sent
from app.store.shops.models import PROMOTE, Shop
from app.store.shops.queries import require_right, require_staff

door = PageDoor("promotions", __name__, who=PERSON)
menu.add(menu.SHOP, "/promotions", "促销", "Promotions", order=40)


@door.get("/portal/shops/<uuid:shop_id>/promotions")
def list_promotions(caller: Caller, shop_id: UUID) -> str:
    """Promotions, newest first, with what they brought."""
    shop = require_staff(shop_id, caller.person)
    found, following = queries.promotions_of(shop_id, False, USUAL, request.args.get("cursor"))
    shown = {"items": queries.shown_promotions(found), "next": following, "kinds": queries.kinds_of(SHOP)}
    return page("promotions_list.html", shop=shop, base=f"/portal/shops/{shop_id}/promotions", is_coupon=False, **shown)


@door.get("/portal/shops/<uuid:shop_id>/promotions/new")
def new_promotion(caller: Caller, shop_id: UUID) -> str:
    """An empty form of one kind."""
    shop = require_right(shop_id, caller.person, PROMOTE)
    return _form_page(shop, {"kind": request.args.get("kind", "")}, {})


@door.post("/portal/shops/<uuid:shop_id>/promotions")
def make_promotion(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Make it, a draft; sent twice, it is made once."""
    shop = require_right(shop_id, caller.person, PROMOTE)

    def make() -> AnyResponse:
        promotion_id, wanted = promotion_sent(form(), is_platform=False, is_coupon=False)
        actions.make_promotion(shop_id, caller.person, wanted, promotion_id)
        return go(f"/portal/shops/{shop_id}/promotions")

    return submitted(make, lambda faults: _form_page(shop, form(), faults))


@door.post("/portal/shops/<uuid:shop_id>/promotions/<uuid:promotion_id>/state")
def change_state(caller: Caller, shop_id: UUID, promotion_id: UUID) -> AnyResponse:
    """Run, pause or end it."""
    require_right(shop_id, caller.person, PROMOTE)
    actions.change_promotion(shop_id, caller.person, promotion_id, StateForm().load(form()))
    return go(f"/portal/shops/{shop_id}/promotions")


def _form_page(shop: Shop, filled: dict[str, str], faults: dict[str, Any]) -> str:
    kind = queries.kind_of(SHOP, filled.get("kind", ""))
    form_id = new_id() if "id" in faults else filled.get("id", new_id())
    told = {"filled": filled, "faults": faults, "form_id": form_id, "is_coupon": False}
    return page("promotions_form.html", shop=shop, base=f"/portal/shops/{shop.id}/promotions", kind=kind, **told)
