"""Doors of personal shops and reselling."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.personalshops import actions, queries
from app.store.personalshops.schemas import (
    OfferIn,
    OffersOut,
    PersonalShopIn,
    PersonalShopOut,
    ResoldIn,
    ResoldOut,
)
from app.store.shelves.queries import newest_of_shop
from app.store.shops.models import SEE
from app.store.shops.queries import require_right, state_of

door = Door("personalshops", for_keys=True)


@door.post("/personal-shops", takes=PersonalShopIn, gives=PersonalShopOut, for_keys=False)
def open_personal_shop(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Open a shop without goods of one's own: it resells SKUs of suppliers, who ship them."""
    shop = actions.open_personal_shop(caller, given["name"], given["goods"])
    told = {"id": shop.id, "name": shop.name, "created_at": shop.created_at, "state": state_of(shop.id)}
    return {**told, "goods": newest_of_shop(shop.id, len(given["goods"]))}


@door.post("/shops/<uuid:shop_id>/resold", takes=ResoldIn, gives=ResoldOut)
def resell(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """List goods of suppliers in the shop."""
    return {"items": [{"id": one} for one in actions.resell(caller, shop_id, given["goods"])], "next": None}


@door.get("/resale-offers", asks=PageQuery, gives=OffersOut, who=PERSON)
def list_offers(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What may be resold, newest first."""
    return queries.offers(asked["limit"], asked["cursor"])


@door.get("/shops/<uuid:shop_id>/resale-offers", asks=PageQuery, gives=OffersOut, who=PERSON)
def list_own_offers(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What the shop lets others sell."""
    require_right(shop_id, caller.person, SEE)
    return queries.offers_of(shop_id, asked["limit"], asked["cursor"])


@door.put("/skus/<uuid:sku_id>/resale-offer", takes=OfferIn)
def set_offer(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> None:
    """Let others sell a SKU of a supplier."""
    actions.set_offer(caller, sku_id, given["supply_price"], given["floor_price"])


@door.delete("/skus/<uuid:sku_id>/resale-offer")
def withdraw_offer(caller: Caller, sku_id: UUID) -> None:
    """Nobody else sells it any more."""
    actions.withdraw_offer(caller, sku_id)
