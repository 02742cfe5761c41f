"""Goods as JSON. Answers of the hot reads are ready bytes; a test compares them with these."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.core.errors import said
from app.core.fields import Choice, Id, In, Int, Moment, Money, Out, QueryInt, Text, some
from app.core.money import LARGEST, yuan
from app.people.uploads.schemas import PictureOut
from app.store.catalogue.models import (
    DRAFT,
    LONGEST_BRAND,
    LONGEST_DESCRIPTION,
    LONGEST_TITLE,
    MOST_PICTURES,
    ON_SALE,
    STATES,
)
from app.store.categories.models import GOODS_KINDS, PHYSICAL
from app.store.inventory.models import LARGEST_STOCK
from app.store.variants.models import (
    HEAVIEST,
    LONGEST_BAR_CODE,
    LONGEST_CODE,
    LONGEST_NAME,
    MOST_ATTRIBUTES,
    MOST_SKUS,
    MOST_UNITS,
    PLAIN_SKU,
    SKU_STATES,
)

_TWICE = said("同一商品的规格不能同名", "Another variant of this product has this name.")


def _attributes(**named: Any) -> fields.Dict:
    """Names and values of a variant ({"颜色": "红"}), both text; shown in the order in which they were given."""
    most = validate.Length(max=MOST_ATTRIBUTES)
    return fields.Dict(keys=Text(most=40), values=Text(most=200, least=0), validate=most, **named)


class SkuIn(In):
    name = Text(most=LONGEST_NAME, load_default=PLAIN_SKU)
    price = Money(least=1, required=True)
    stock = Int(most=LARGEST_STOCK, load_default=0)
    attributes = _attributes(load_default=dict)
    code = Text(most=LONGEST_CODE, load_default=None, allow_none=True)
    bar_code = Text(most=LONGEST_BAR_CODE, least=0, load_default="")
    weight = Int(most=HEAVIEST, load_default=0)
    min_units = Int(least=1, most=MOST_UNITS, load_default=1)
    max_units = Int(least=1, most=MOST_UNITS, load_default=None, allow_none=True)


class ProductIn(In):
    shop_id = Id(required=True)
    title = Text(most=LONGEST_TITLE, required=True)
    description = Text(most=LONGEST_DESCRIPTION, least=0, load_default="")
    brand = Text(most=LONGEST_BRAND, least=0, load_default="")
    category_id = Id(load_default=None, allow_none=True)
    skus = some(SkuIn, most=MOST_SKUS, least=1, required=True)
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)
    state = Choice(DRAFT, ON_SALE, load_default=ON_SALE)
    attributes = _attributes(load_default=dict)
    goods_kind = Choice(*GOODS_KINDS, load_default=PHYSICAL)
    on_sale_at = Moment(allow_none=True)
    off_sale_at = Moment(allow_none=True)

    @validates_schema
    def names_differ(self, data: dict[str, Any], **_: Any) -> None:
        """Two variants of one name could not be told apart."""
        names = [one["name"] for one in data["skus"]]
        again = {place: {"name": [_TWICE]} for place, name in enumerate(names) if name in names[:place]}
        if again:
            raise ValidationError({"skus": again})


class ProductPatchIn(In):
    state = Choice(*STATES)
    title = Text(most=LONGEST_TITLE)
    description = Text(most=LONGEST_DESCRIPTION, least=0)
    brand = Text(most=LONGEST_BRAND, least=0)
    category_id = Id()
    uploads = some(Id(), most=MOST_PICTURES)
    attributes = _attributes()
    goods_kind = Choice(*GOODS_KINDS)
    on_sale_at = Moment(allow_none=True)
    off_sale_at = Moment(allow_none=True)


class SkuPatchIn(In):
    """`seen`: the stock that the caller saw; if it is another by now, nothing changes (422). `list_price` is struck
    through beside the price; null takes it away."""

    price = Money(least=1)
    list_price = Money(least=1, allow_none=True)
    stock = Int(most=LARGEST_STOCK)
    seen = Int()
    name = Text(most=LONGEST_NAME)
    attributes = _attributes()
    state = Choice(*SKU_STATES)
    code = Text(most=LONGEST_CODE, allow_none=True)
    bar_code = Text(most=LONGEST_BAR_CODE, least=0)
    weight = Int(most=HEAVIEST)
    min_units = Int(least=1, most=MOST_UNITS)
    max_units = Int(least=1, most=MOST_UNITS, allow_none=True)
    picture_id = Id(allow_none=True)


class Yuan(Money):
    """A price as people write it in yuan ("12.50": digits with at most two decimals); answers 分, at least
    LEAST."""

    LEAST = 1

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> int:
        written = str(value).strip()
        if not re.fullmatch(r"\d{1,16}(\.\d{1,2})?", written, re.ASCII):
            raise ValidationError([said("须为金额，如 12.50", "Must be an amount such as 12.50.")])
        cents = int(Decimal(written) * 100)
        if not self.LEAST <= cents <= LARGEST:
            least, most = yuan(self.LEAST), LARGEST // 100
            zh, en = f"须在 {least} 元到 {most} 元之间", f"Must be ¥{least} to ¥{most}."
            raise ValidationError([said(zh, en)])
        return cents


class SkuForm(In):
    """`seen`: the stock that stood in the form."""

    price = Yuan(required=True)
    stock = QueryInt(most=LARGEST_STOCK, required=True)
    seen = QueryInt(required=True)


class StateForm(In):
    state = Choice(*STATES, required=True)


class NamedOut(Out):
    id = Id(required=True)
    name = fields.String(required=True)


class ProductPictureOut(PictureOut):
    id = Id(required=True)


class ProductSkuOut(Out):
    id = Id(required=True)
    name = fields.String(required=True)
    price = Money(required=True)
    stock = Int(required=True)
    in_stock = fields.Boolean(required=True)
    attributes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    list_price = Money(required=True, allow_none=True)
    lowest_30d = Money(required=True)
    min_units = Int(required=True)
    max_units = Int(required=True, allow_none=True)
    picture_id = Id(required=True, allow_none=True)


class SkuOut(ProductSkuOut):
    """A variant as its shop sees it."""

    kind = fields.Constant("sku", required=True)
    product_id = Id(required=True)
    state = Choice(*SKU_STATES, required=True)
    code = fields.String(required=True, allow_none=True)
    bar_code = fields.String(required=True)
    weight = Int(required=True)


class ProductTakeDownOut(Out):
    """Why nobody but its shop may see a product."""

    reason = fields.String(required=True)
    at = Moment(required=True)


class ProductOut(Out):
    id = Id(required=True)
    kind = fields.Constant("product", required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    brand = fields.String(required=True)
    category = fields.Nested(NamedOut, required=True, allow_none=True)
    shop = fields.Nested(NamedOut, required=True)
    pictures = fields.List(fields.Nested(ProductPictureOut), required=True)
    state = Choice(*STATES, required=True)
    price = Money(required=True, allow_none=True)
    in_stock = fields.Boolean(required=True)
    takedown = fields.Nested(ProductTakeDownOut, required=True, allow_none=True)
    skus = fields.List(fields.Nested(ProductSkuOut), required=True)
    created_at = Moment(required=True)
    brand_id = Id(required=True, allow_none=True)
    goods_kind = Choice(*GOODS_KINDS, required=True)
    attributes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ProductCardOut(Out):
    id = Id(required=True)
    kind = fields.Constant("product", required=True)
    title = fields.String(required=True)
    cover = fields.Nested(PictureOut, required=True, allow_none=True)
    price = Money(required=True, allow_none=True)
    in_stock = fields.Boolean(required=True)
    shop = fields.Nested(NamedOut, required=True)


class PriceOut(Out):
    """A price from then until then; `until_at` null: still. `is_offered`: the variant was on sale then."""

    id = fields.String(required=True)
    kind = fields.Constant("price", required=True)
    sku_id = Id(required=True)
    price = Money(required=True)
    from_at = Moment(required=True)
    until_at = Moment(required=True, allow_none=True)
    is_offered = fields.Boolean(required=True)
    by_id = Id(required=True, allow_none=True)


class PricesOut(Out):
    items = fields.List(fields.Nested(PriceOut), required=True)
    next = fields.String(required=True, allow_none=True)
