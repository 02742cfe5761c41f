"""Forms of listing."""

from typing import Any

from marshmallow import post_load

from app.core.fields import Choice, Id, In, NewId, OrNone, Prose, QueryInt, Text
from app.store.catalogue.models import DRAFT, LONGEST_BRAND, LONGEST_DESCRIPTION, LONGEST_TITLE, ON_SALE
from app.store.catalogue.schemas import Yuan
from app.store.inventory.models import LARGEST_STOCK
from app.store.variants.models import LONGEST_NAME, PLAIN_SKU, SkuWanted

MOST_PICTURES = 9
"""In one form."""
MOST = {
    "title": LONGEST_TITLE,
    "description": LONGEST_DESCRIPTION,
    "brand": LONGEST_BRAND,
    "name": LONGEST_NAME,
    "pictures": MOST_PICTURES,
}
_SKU = ("name", "price", "stock")


class VariantForm(In):
    name = Text(most=LONGEST_NAME, required=True)
    price = Yuan(required=True)
    stock = QueryInt(most=LARGEST_STOCK, required=True)

    @post_load
    def as_wanted(self, data: dict[str, Any], **_: Any) -> SkuWanted:
        return SkuWanted(**data)


class GoodsForm(In):
    """Goods with one variant, which needs no name; answers it as `sku`. `id`: came with the form."""

    id = NewId(required=True)
    title = Text(most=LONGEST_TITLE, required=True)
    description = Prose(most=LONGEST_DESCRIPTION, least=0, load_default="")
    brand = Text(most=LONGEST_BRAND, least=0, load_default="")
    category_id = OrNone(Id())
    name = OrNone(Text(most=LONGEST_NAME))
    price = Yuan(required=True)
    stock = QueryInt(most=LARGEST_STOCK, required=True)
    state = Choice(DRAFT, ON_SALE, load_default=DRAFT)

    @post_load
    def with_variant(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        told = {name: value for name, value in data.items() if name not in _SKU}
        return {**told, "sku": SkuWanted(data["price"], data["stock"], data["name"] or PLAIN_SKU)}
