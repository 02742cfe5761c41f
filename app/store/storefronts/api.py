"""Doors of light stores and keys. Answers that hold a token are not kept under an Idempotency-Key."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.store.imports.schemas import goods_read
from app.store.shops.models import SEE, STAFF
from app.store.shops.queries import require_right
from app.store.storefronts import actions, queries
from app.store.storefronts.actions import StoreWanted
from app.store.storefronts.models import MOST_LINES
from app.store.storefronts.schemas import (
    LightStoreIn,
    LightStoreOut,
    LightStorePatchIn,
    NewShopKeyOut,
    OpenedStoreOut,
    ShopKeyIn,
    ShopKeysOut,
)

KEYS, STORE = "/shops/<uuid:shop_id>/keys", "/shops/<uuid:shop_id>/lightstore"
door = Door("storefronts", for_keys=True)


@door.post("/lightstores", takes=LightStoreIn, gives=OpenedStoreOut, key="none", for_keys=False)
def open_light_store(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Open a shop with page, goods, address and key in one call. Outside the mall's lists unless `in_mall`.

    Its `slug` is its own: sent again the call is refused (409) and opens nothing.
    """
    sent = given.pop("goods")
    goods, refused = goods_read(f".{sent['format']}", sent["text"], MOST_LINES) if sent else ([], [])
    made = actions.open_light_store(caller, StoreWanted(**given, goods=goods))
    lines = [{"line": number, "reason": reason} for number, reason in refused]
    told = {"token": made.token, "imported": made.imported, "refused": lines}
    return {**queries.store_json(made.shop.id), **told}


@door.get(STORE, gives=LightStoreOut, who=PERSON)
def show_light_store(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """A light store, for those who work in it."""
    require_right(shop_id, caller.person, SEE)
    return queries.store_json(shop_id)


@door.patch(STORE, takes=LightStorePatchIn, gives=LightStoreOut)
def change_light_store(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Bring it into the mall's lists and search or out of them; say how it is paid."""
    actions.change_store(caller, shop_id, given["in_mall"], given["gateways"])
    return queries.store_json(shop_id)


@door.get(KEYS, gives=ShopKeysOut, who=PERSON)
def list_keys(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """The keys of a shop, newest first; never their tokens."""
    require_right(shop_id, caller.person, STAFF)
    rows = queries.keys_of(shop_id)
    items = [{"id": one.id, "name": one.name, "role": one.role, "created_at": one.at} for one in rows]
    return {"items": items, "next": None}


@door.post(KEYS, takes=ShopKeyIn, gives=NewShopKeyOut, key="none")
def make_key(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """A key for a program that works in this shop, and no other, as a member of its staff. Its token is told once."""
    key_id, token = actions.make_key(caller, shop_id, given["name"], given["role"])
    made = next(one for one in queries.keys_of(shop_id) if one.id == key_id)
    return {"id": key_id, "name": made.name, "role": made.role, "created_at": made.at, "token": token}


@door.delete(f"{KEYS}/<uuid:key_id>")
def revoke_key(caller: Caller, shop_id: UUID, key_id: UUID) -> None:
    """The key opens nothing any more."""
    actions.revoke_key(caller, shop_id, key_id)
