"""Doors of goods. GET /products/{id} is the hottest read of the shop: no caller unless it is a miss, one query, joined
bytes."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.errors import Refused
from app.core.http import request
from app.core.http.answers import Ready
from app.core.http.door import Door
from app.store.catalogue import actions, queries
from app.store.catalogue.models import Sku, SkuWanted
from app.store.catalogue.schemas import (
    CategoriesOut,
    CategoryQuery,
    ProductIn,
    ProductOut,
    ProductPatchIn,
    SkuOut,
    SkuPatchIn,
)
from app.store.inventory.queries import available
from app.store.shops.queries import is_staff

door = Door("catalogue")


@door.get("/categories", asks=CategoryQuery, gives=CategoriesOut, who=None)
def list_categories(asked: dict[str, Any]) -> dict[str, Any]:
    """Kinds of goods, in their order."""
    items, next_cursor = queries.category_list(asked["limit"], asked["cursor"])
    return {"items": items, "next": next_cursor}


@door.post("/products", takes=ProductIn, gives=ProductOut)
def list_product(caller: Caller, given: dict[str, Any]) -> Ready:
    """List goods in a shop where the caller works."""
    skus = [SkuWanted(**one) for one in given["skus"]]
    product = actions.list_product(caller, **{**given, "skus": skus})
    return Ready(queries.product_page(product.id, inside=True))


@door.get("/products/<uuid:product_id>", gives=ProductOut, who=None)
def show_product(product_id: UUID) -> Ready:
    """A product with its variants; price and stock of this moment. Drafts and what is taken down, to those of its shop
    only."""
    try:
        return Ready(queries.product_page(product_id))
    except Refused:
        asker = request.caller().person_id  # asked for only here: who finds the product is read without his token
        brief = queries.product_briefs([product_id]).get(product_id) if asker else None
        if asker is None or brief is None or not is_staff(brief.shop_id, asker):
            raise
    return Ready(queries.product_page(product_id, inside=True))


@door.patch("/products/<uuid:product_id>", takes=ProductPatchIn, gives=ProductOut)
def change_product(caller: Caller, product_id: UUID, given: dict[str, Any]) -> Ready:
    """Change goods of a shop where the caller works; `state` puts them on sale and takes them off."""
    actions.change_product(caller, product_id, **given)
    return Ready(queries.product_page(product_id, inside=True))


@door.patch("/skus/<uuid:sku_id>", takes=SkuPatchIn, gives=SkuOut)
def change_sku(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a variant; `stock` sets the units that may be bought now, whatever is held for others."""
    return _sku_json(actions.change_sku(caller, sku_id, **given))


def _sku_json(sku: Sku) -> dict[str, Any]:
    units = available([sku.id]).get(sku.id, 0)
    product = queries.product_briefs([sku.product_id])[sku.product_id]
    return {
        "id": sku.id,
        "product_id": sku.product_id,
        "name": sku.name,
        "price": sku.price,
        "stock": units,
        "in_stock": product.is_on_sale and units > 0,
        "attributes": sku.attributes,
    }
