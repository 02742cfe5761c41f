"""Doors of goods. GET /products/{id} is the hottest read of the shop: no caller unless it is a miss, one query, joined
bytes."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.errors import Refused
from app.core.fields import PageQuery
from app.core.http import request
from app.core.http.answers import Ready
from app.core.http.door import PERSON, Door
from app.store.catalogue import actions, queries
from app.store.catalogue.schemas import (
    PricesOut,
    ProductIn,
    ProductOut,
    ProductPatchIn,
    SkuOut,
    SkuPatchIn,
)
from app.store.inventory.queries import available
from app.store.prices.queries import history
from app.store.shops.queries import is_staff
from app.store.variants.models import Sku, SkuWanted

door = Door("catalogue", for_keys=True)


@door.post("/products", takes=ProductIn, gives=ProductOut)
def list_product(caller: Caller, given: dict[str, Any]) -> Ready:
    """List goods in a shop where the caller works."""
    skus = [SkuWanted(**one) for one in given["skus"]]
    times = _times(given)
    product = actions.list_product(caller, **{**given, "skus": skus}, terms=times)
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
    times = _times(given)
    actions.change_product(caller, product_id, **given, times=times)
    return Ready(queries.product_page(product_id, inside=True))


@door.patch("/skus/<uuid:sku_id>", takes=SkuPatchIn, gives=SkuOut)
def change_sku(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a variant; `stock` sets the units that may be bought now, whatever is held for others."""
    return _sku_json(actions.change_sku(caller, sku_id, **given))


@door.get("/skus/<uuid:sku_id>/prices", asks=PageQuery, gives=PricesOut, who=PERSON)
def list_prices(caller: Caller, sku_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What a variant cost from when until when, the latest first; for those who work in its shop."""
    queries.shop_of_sku(sku_id, caller.person)
    items, following = history([sku_id], asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


def _times(given: dict[str, Any]) -> dict[str, Any]:
    """What is said of when goods go on sale and off."""
    return {name: given.pop(name) for name in ("on_sale_at", "off_sale_at") if name in given}


_OWN = ("min_units", "max_units", "picture_id", "state", "code", "bar_code", "weight")


def _sku_json(sku: Sku) -> dict[str, Any]:
    units = available([sku.id]).get(sku.id, 0)
    product = queries.product_briefs([sku.product_id])[sku.product_id]
    return {
        "id": sku.id,
        "product_id": sku.product_id,
        "name": sku.name,
        "price": sku.price,
        "stock": units,
        "in_stock": product.is_on_sale and sku.is_on_sale and units > 0,
        "attributes": sku.attributes,
        "list_price": sku.list_price,
        "lowest_30d": sku.price if sku.lowest is None else sku.lowest,
        **{name: getattr(sku, name) for name in _OWN},
    }
