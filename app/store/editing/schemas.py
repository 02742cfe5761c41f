"""Forms of editing."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, post_load

from app.core.errors import said
from app.core.fields import ChinaTime, Choice, Id, In, OrNone, Prose, QueryInt, Text
from app.store.catalogue.models import LONGEST_BRAND, LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_PICTURES, STATES
from app.store.catalogue.schemas import Yuan
from app.store.categories.models import GOODS_KINDS
from app.store.inventory.models import LARGEST_STOCK
from app.store.variants.models import (
    HEAVIEST,
    LONGEST_BAR_CODE,
    LONGEST_CODE,
    LONGEST_NAME,
    MOST_ATTRIBUTES,
    MOST_UNITS,
    SKU_STATES,
)
from app.store.warehouses.models import LONGEST_WHY, SIGNS

MOST_LETTERS = 4000


class Attributes(Text):
    """Attributes as lines of "名称：值"."""

    def __init__(self) -> None:
        super().__init__(most=MOST_LETTERS, least=0, load_default="")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> Any:
        text = super()._deserialize(value, attr, data, **named)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        parted = [re.split(r"[:：]", line, maxsplit=1) for line in lines]
        if any(len(one) < 2 or not one[0].strip() for one in parted) or len(parted) > MOST_ATTRIBUTES:
            raise ValidationError([said("每行一个属性，如“材质：棉”", 'One a line, such as "Material: cotton".')])
        return {name.strip()[:40]: value.strip()[:200] for name, value in parted}


def lines_of(attributes: Mapping[str, str]) -> str:
    """Attributes as the form shows them."""
    return "\n".join(f"{name}：{value}" for name, value in attributes.items())


class EditForm(In):
    """All of a product but its variants. `pictures` beside it; `kept`: numbers of those that stay, in their order."""

    title = Text(most=LONGEST_TITLE, required=True)
    description = Prose(most=LONGEST_DESCRIPTION, least=0, load_default="")
    brand = Text(most=LONGEST_BRAND, least=0, load_default="")
    category_id = OrNone(Id())
    attributes = Attributes()
    goods_kind = Choice(*GOODS_KINDS, required=True)
    on_sale_at = OrNone(ChinaTime())
    off_sale_at = OrNone(ChinaTime())
    order = Text(most=200, least=0, load_default="")

    @post_load
    def with_order(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """`order`: places of the pictures that stay, from 1, as "2 1 3"; of wrong ones none."""
        numbers = [int(one) for one in re.findall(r"\d{1,2}", data["order"])]
        return {**data, "order": [one for one in dict.fromkeys(numbers) if 1 <= one <= MOST_PICTURES]}


class VariantEditForm(In):
    """`seen`: the stock that stood in the form. What is left empty is none."""

    name = Text(most=LONGEST_NAME, required=True)
    price = Yuan(required=True)
    list_price = OrNone(Yuan())
    stock = QueryInt(most=LARGEST_STOCK, required=True)
    seen = QueryInt(required=True)
    code = OrNone(Text(most=LONGEST_CODE))
    bar_code = Text(most=LONGEST_BAR_CODE, least=0, load_default="")
    weight = QueryInt(most=HEAVIEST, load_default=0)
    min_units = QueryInt(least=1, most=MOST_UNITS, load_default=1)
    max_units = OrNone(QueryInt(least=1, most=MOST_UNITS))
    low_at = OrNone(QueryInt(most=LARGEST_STOCK))
    attributes = Attributes()
    picture_id = OrNone(Id())
    state = Choice(*SKU_STATES, required=True)


class MovementForm(In):
    reason = Choice(*SIGNS, required=True)
    units = QueryInt(least=1, most=LARGEST_STOCK, required=True)
    why = Text(most=LONGEST_WHY, least=0, load_default="")


class TableQuery(In):
    q = Text(most=100, least=0, load_default="")
    state = Choice("", *STATES, "taken_down", load_default="")
    category_id = OrNone(Id())
    cursor = Text(most=500, least=0, load_default=None)


class RowForm(In):
    """One row of the table: price, stock and the stock that stood there."""

    price = Yuan(required=True)
    stock = QueryInt(most=LARGEST_STOCK, required=True)
    seen = QueryInt(required=True)
    was = Text(most=20, required=True)
