"""Pages of a shop's coupons: list, make, run, pause, end."""

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
from app.plays.coupons import actions
from app.plays.coupons.queries import shown_batches
from app.plays.coupons.schemas import batch_sent
from app.plays.offers.models import SHOP
from app.plays.promotions import queries
from app.plays.promotions.actions import change_promotion
from app.plays.promotions.schemas import StateForm, promotion_sent
from app.store.shops.models import PROMOTE, Shop
from app.store.shops.queries import require_right, require_staff

door = PageDoor("coupons", __name__, who=PERSON)
menu.add(menu.SHOP, "/coupons", "优惠券", "Coupons", order=50)


@door.get("/portal/shops/<uuid:shop_id>/coupons")
def list_coupons(caller: Caller, shop_id: UUID) -> str:
    """Batches of coupons, newest first, with what they brought."""
    shop = require_staff(shop_id, caller.person)
    found, following = queries.promotions_of(shop_id, True, USUAL, request.args.get("cursor"))
    shown = {"items": shown_batches(found), "next": following, "kinds": queries.kinds_of(SHOP)}
    return page("promotions_list.html", shop=shop, base=f"/portal/shops/{shop_id}/coupons", is_coupon=True, **shown)


@door.get("/portal/shops/<uuid:shop_id>/coupons/new")
def new_batch(caller: Caller, shop_id: UUID) -> str:
    """An empty form of one kind."""
    shop = require_right(shop_id, caller.person, PROMOTE)
    return _form_page(shop, {"kind": request.args.get("kind", "")}, {})


@door.post("/portal/shops/<uuid:shop_id>/coupons")
def make_batch(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Make it, a draft; sent twice, it is made once."""
    shop = require_right(shop_id, caller.person, PROMOTE)

    def make() -> AnyResponse:
        batch_id, wanted = promotion_sent(form(), is_platform=False, is_coupon=True)
        actions.make_batch(shop_id, caller.person, wanted, batch_sent(form()), batch_id)
        return go(f"/portal/shops/{shop_id}/coupons")

    return submitted(make, lambda faults: _form_page(shop, form(), faults))


@door.post("/portal/shops/<uuid:shop_id>/coupons/<uuid:batch_id>/state")
def change_state(caller: Caller, shop_id: UUID, batch_id: UUID) -> AnyResponse:
    """Run, pause or end it."""
    require_right(shop_id, caller.person, PROMOTE)
    change_promotion(shop_id, caller.person, batch_id, StateForm().load(form()), is_coupon=True)
    return go(f"/portal/shops/{shop_id}/coupons")


def _form_page(shop: Shop, filled: dict[str, str], faults: dict[str, Any]) -> str:
    kind = queries.kind_of(SHOP, filled.get("kind", ""))
    form_id = new_id() if "id" in faults else filled.get("id", new_id())
    told = {"filled": filled, "faults": faults, "form_id": form_id, "is_coupon": True}
    return page("promotions_form.html", shop=shop, base=f"/portal/shops/{shop.id}/coupons", kind=kind, **told)
