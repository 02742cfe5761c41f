"""Goods as JSON. Answers of the hot reads are ready bytes; a test compares them with these."""

import re
from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.core.errors import bad_field, said
from app.core.fields import Choice, Id, In, Int, Moment, Money, Out, QueryInt, Text, some
from app.core.money import LARGEST
from app.people.uploads.schemas import PictureOut
from app.store.catalogue.kinds import kind_of
from app.store.catalogue.kinds.base import BadLine, Line, Refusal
from app.store.catalogue.models import (
    DRAFT,
    LONGEST_BRAND,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_ATTRIBUTES,
    MOST_PICTURES,
    MOST_SKUS,
    ON_SALE,
    PLAIN_SKU,
    STATES,
    Goods,
)
from app.store.inventory.models import LARGEST_STOCK

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


class ProductIn(In):
    shop_id = Id(required=True)
    title = Text(most=LONGEST_TITLE, required=True)
    description = Text(most=LONGEST_DESCRIPTION, least=0, load_default="")
    brand = Text(most=LONGEST_BRAND, least=0, load_default="")
    category_id = Id(load_default=None, allow_none=True)
    skus = some(SkuIn, most=MOST_SKUS, least=1, required=True)
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)
    state = Choice(DRAFT, ON_SALE, load_default=ON_SALE)

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


class SkuPatchIn(In):
    price = Money(least=1)
    stock = Int(most=LARGEST_STOCK)
    name = Text(most=LONGEST_NAME)
    attributes = _attributes()


class Yuan(Money):
    """A price as people write it in yuan ("12.50": digits with at most two decimals); answers 分, at least 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> int:
        written = str(value).strip()
        if not re.fullmatch(r"\d{1,16}(\.\d{1,2})?", written, re.ASCII):
            raise ValidationError([said("须为金额，如 12.50", "Must be an amount such as 12.50.")])
        cents = int(Decimal(written) * 100)
        if not 1 <= cents <= LARGEST:
            zh, en = f"须在 0.01 元到 {LARGEST // 100} 元之间", f"Must be ¥0.01 to ¥{LARGEST // 100}."
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


class SkuOut(ProductSkuOut):
    kind = fields.Constant("sku", required=True)
    product_id = Id(required=True)


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


class ProductCardOut(Out):
    id = Id(required=True)
    kind = fields.Constant("product", required=True)
    title = fields.String(required=True)
    cover = fields.Nested(PictureOut, required=True, allow_none=True)
    price = Money(required=True, allow_none=True)
    in_stock = fields.Boolean(required=True)
    shop = fields.Nested(NamedOut, required=True)


class CategoryQuery(In):
    limit = QueryInt(least=1, most=50, load_default=50)
    cursor = Text(most=500, least=0, load_default=None)


class CategoryOut(Out):
    id = Id(required=True)
    kind = fields.Constant("category", required=True)
    name = fields.String(required=True)


class CategoriesOut(Out):
    items = fields.List(fields.Nested(CategoryOut), required=True)
    next = fields.String(required=True, allow_none=True)


def goods_read(kind: str, text: str, most: int) -> tuple[list[Goods], list[tuple[int, str]]]:
    """Goods out of a text as an import takes them (".csv" or ".jsonl"): what can be taken in, and why not of each other
    line, by its number. Raises Refused 422 for a text that is not of this kind, or of more than `most` lines."""
    reader = kind_of(Path(f"goods{kind}"))
    try:
        found = list(islice(reader.lines(BytesIO(text.encode())), most + 1)) if reader else []
    except BadLine as bad:
        raise bad_field("goods", str(bad), str(bad)) from None
    if len(found) > most:
        raise bad_field("goods", f"一次最多 {most} 行", f"At most {most} lines at a time.")
    goods = [one.goods for one in found if isinstance(one, Line)]
    return goods, [(one.number, one.reason) for one in found if isinstance(one, Refusal)]
