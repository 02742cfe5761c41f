"""Pages of reselling: what a shop may list of suppliers' goods, and what it lets others sell."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.paging import USUAL
from app.store.onboarding.models import SUPPLIER
from app.store.onboarding.queries import is_approved
from app.store.personalshops import actions, queries
from app.store.personalshops.models import Wanted
from app.store.personalshops.schemas import OfferForm, ResellForm
from app.store.shelves.queries import skus_to_offer
from app.store.shops.models import GOODS
from app.store.shops.queries import require_right

RESALE = "/portal/shops/<uuid:shop_id>/resale"
CHOICES = 200
door = PageDoor("personalshops", __name__, who=PERSON)
menu.add(menu.SHOP, "/resale", "供货与转售", "Resale", order=55, right=GOODS)


@door.get(RESALE)
def show_resale(caller: Caller, shop_id: UUID) -> str:
    """What suppliers let others sell; of a supplier also its own offers."""
    return _resale_page(caller, shop_id, {}, "")


@door.post(f"{RESALE}/goods")
def resell(caller: Caller, shop_id: UUID) -> AnyResponse:
    """List one of those in the shop."""

    def change() -> None:
        given = ResellForm().load(form())
        actions.resell(caller, shop_id, [Wanted(given["sku_id"], given["price"], given["title"])])

    return _changed(caller, shop_id, change, f"/portal/shops/{shop_id}")


@door.post(f"{RESALE}/offers")
def set_offer(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Let others sell one of the shop's own."""
    return _changed(caller, shop_id, lambda: actions.set_offer(caller, **OfferForm().load(form())))


@door.post(f"{RESALE}/offers/<uuid:sku_id>/withdrawal")
def withdraw_offer(caller: Caller, shop_id: UUID, sku_id: UUID) -> AnyResponse:
    """Nobody else sells it any more."""
    require_right(shop_id, caller.person, GOODS)
    actions.withdraw_offer(caller, sku_id)
    return go(f"/portal/shops/{shop_id}/resale")


def _changed(caller: Caller, shop_id: UUID, change: Callable[[], None], then: str = "") -> AnyResponse:
    require_right(shop_id, caller.person, GOODS)
    faults = faults_of(change)
    if faults is None:
        return go(then or f"/portal/shops/{shop_id}/resale")
    faults |= next(iter(faults.get("goods", {}).values()), {})
    return once_more(_resale_page(caller, shop_id, faults, form().get("sku_id", "")))


def _resale_page(caller: Caller, shop_id: UUID, faults: dict[str, Any], place: str) -> str:
    """`place`: the SKU whose form is at fault."""
    shop = require_right(shop_id, caller.person, GOODS)
    offers = queries.offers(USUAL, request.args.get("cursor"))
    supplies = is_approved(shop_id, SUPPLIER)
    own = queries.offers_of(shop_id, 50, None)["items"] if supplies else []
    told = {"offers": offers["items"], "next": offers["next"], "own": own, "supplies": supplies}
    choices = skus_to_offer(shop_id, CHOICES) if supplies else []
    typed = {"faults": faults, "place": place, "filled": form(), "choices": choices}
    return page("personalshops_resale.html", shop=shop, **told, **typed)
