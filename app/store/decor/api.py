"""Doors of shops as everybody sees them, and of their pages."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import PERSON, Door
from app.store.decor import actions, queries
from app.store.decor.actions import PageWanted
from app.store.decor.schemas import ShopArrangementOut, ShopPageIn, ShopPageOut, WholeShopOut
from app.store.onboarding.actions import rename_shop as rename
from app.store.shops.queries import require_staff, shop_or_missing
from app.store.shops.schemas import ShopIn

door = Door("decor", for_keys=True)


@door.get("/shops/<uuid:shop_id>", gives=WholeShopOut, who=None)
def show_shop(shop_id: UUID) -> dict[str, Any]:
    """A shop, whether it sells, and which brands it is verified for."""
    return queries.shop_json(shop_or_missing(shop_id))


@door.patch("/shops/<uuid:shop_id>", takes=ShopIn, gives=WholeShopOut)
def rename_shop(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Give the shop another name, once in 30 days; one that was verified with a brand, or whose papers are being looked
    at, keeps its own (409)."""
    rename(caller, shop_id, given["name"])
    return queries.shop_json(shop_or_missing(shop_id))


@door.get("/shops/<uuid:shop_id>/page", gives=ShopPageOut, who=None)
def show_page(shop_id: UUID) -> Ready:
    """The shop's page: theme, banners, featured goods, sections; of goods only what is on sale now."""
    return _page(shop_id)


@door.get("/shops/<uuid:shop_id>/page/arrangement", gives=ShopArrangementOut, who=PERSON)
def show_arrangement(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """The page as it is arranged, also what is not on sale now; for those who work in the shop."""
    require_staff(shop_id, caller.person)
    return queries.arrangement_json(shop_id)


@door.put("/shops/<uuid:shop_id>/page", takes=ShopPageIn, gives=ShopPageOut)
def arrange_page(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> Ready:
    """Arrange the shop's page anew."""
    actions.arrange_page(caller, shop_id, PageWanted(**given))
    return _page(shop_id)


def _page(shop_id: UUID) -> Ready:
    found = queries.page_json(shop_id)
    return Ready(orjson.dumps({**found, "shop": WholeShopOut().dump(found["shop"])}))
