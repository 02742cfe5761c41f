"""Doors of shelves."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready, joined
from app.core.http.door import Door
from app.store.shelves import queries
from app.store.shelves.schemas import ProductsOut, ShopProductsOut

door = Door("shelves")


@door.get("/shops/<uuid:shop_id>/products", asks=PageQuery, gives=ShopProductsOut)
def list_shop_products(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> Ready:
    """What a shop has on sale, newest first; to its staff all its goods, also drafts and what is off or taken down."""
    cards, next_cursor = queries.cards_of_shop(shop_id, caller.person_id, asked["limit"], asked["cursor"])
    return joined(cards, next_cursor)


@door.get("/categories/<uuid:category_id>/products", asks=PageQuery, gives=ProductsOut, who=None)
def list_category_products(category_id: UUID, asked: dict[str, Any]) -> Ready:
    """What is on sale of one kind, newest first."""
    cards, next_cursor = queries.cards_of_category(category_id, asked["limit"], asked["cursor"])
    return joined(cards, next_cursor)
