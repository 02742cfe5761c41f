"""Doors of shops. What everybody sees of one is a door of decor, which knows more of it."""

from typing import Any

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.shops import actions, queries
from app.store.shops.schemas import MyShopsOut, OpenedShopOut, ShopIn

door = Door("shops")


@door.post("/shops", takes=ShopIn, gives=OpenedShopOut)
def open_shop(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Open a shop; whoever opens it may sell in it at once, where SHOP_REVIEW does not ask for papers first."""
    shop = actions.open_shop(caller, given["name"])
    return {"id": shop.id, "name": shop.name, "created_at": shop.created_at, "state": queries.state_of(shop.id)}


@door.get("/me/shops", asks=PageQuery, gives=MyShopsOut, who=PERSON, for_keys=True)
def list_my_shops(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The shops that the caller works in, newest first."""
    rows, next_cursor = queries.shops_of(caller.person, asked["limit"], asked["cursor"])
    items = [{"id": shop.id, "name": shop.name, "created_at": shop.created_at, "role": role} for shop, role in rows]
    return {"items": items, "next": next_cursor}
