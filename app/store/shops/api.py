"""Doors of shops."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.shops import actions, queries
from app.store.shops.models import Shop
from app.store.shops.schemas import MyShopsOut, ShopIn, ShopOut

door = Door("shops")


@door.post("/shops", takes=ShopIn, gives=ShopOut)
def open_shop(caller: Caller, given: dict[str, Any]) -> Shop:
    """Open a shop; whoever opens it may sell in it at once."""
    return actions.open_shop(caller, given["name"])


@door.get("/shops/<uuid:shop_id>", gives=ShopOut, who=None)
def show_shop(shop_id: UUID) -> Shop:
    """A shop."""
    return queries.shop_or_missing(shop_id)


@door.get("/me/shops", asks=PageQuery, gives=MyShopsOut, who=PERSON)
def list_my_shops(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The shops that the caller works in, newest first."""
    rows, next_cursor = queries.shops_of(caller.person, asked["limit"], asked["cursor"])
    items = [{"id": shop.id, "name": shop.name, "created_at": shop.created_at, "role": role} for shop, role in rows]
    return {"items": items, "next": next_cursor}
