"""Variants, and the JSON of each that its writer keeps ready (`fragment`, without its closing brace: stock is put in at
the moment of reading)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.core.money import LARGEST

PLAIN_SKU = "默认"
"""The name of the variant of a product that has only one."""
SOLD, UNSOLD = "on_sale", "off"
"""States of a variant: one that is off is not shown, whatever its product is."""
SKU_STATES = (SOLD, UNSOLD)
LONGEST_NAME, LONGEST_CODE, LONGEST_BAR_CODE = 120, 64, 32
MOST_SKUS, MOST_ATTRIBUTES = 100, 20
HEAVIEST = 10_000_000
"""Grams: ten tonnes."""
MOST_UNITS = 10_000
"""Of a limit for one person."""


@dataclass(frozen=True, slots=True)
class SkuWanted:
    """A variant to list: price in 分, units available, weight in grams. `code` is the merchant's own number for it."""

    price: int
    stock: int = 0
    name: str = PLAIN_SKU
    attributes: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    bar_code: str = ""
    weight: int = 0
    min_units: int = 1
    max_units: int | None = None


class InOrder(JSON):
    """A JSON object that keeps its order; the same in another order is another value."""

    cache_ok = True

    def compare_values(self, x: Any, y: Any) -> bool:
        return x == y and list(x or ()) == list(y or ())


class Sku(Model):
    """A variant that can be bought, with its price in 分. `attributes` keep the order in which the shop gave them.

    The table keeps the name that it had in the catalogue's room. `list_price` is struck through beside the price, and
    true (prices.models); `lowest` is the lowest price of the last thirty days, None where that is the price itself.
    Both hold until `stale_at` (None: while the price does); a sweep writes them anew then. `picture_id` is one of the
    pictures of its product. One buyer takes at least `min_units` at a time, and at most `max_units` in all.
    """

    __tablename__ = "catalogue_skus"
    __table_args__ = (
        UniqueConstraint("product_id", "name"),
        UniqueConstraint("shop_id", "code"),
        CheckConstraint(f"price BETWEEN 0 AND {LARGEST}", name="price"),
        CheckConstraint("list_price > price", name="list_price"),
        CheckConstraint(f"weight BETWEEN 0 AND {HEAVIEST}", name="weight"),
        CheckConstraint("min_units >= 1 AND max_units >= min_units", name="units"),
        CheckConstraint("state IN ('on_sale', 'off')", name="state"),
        CheckConstraint("code IS NULL OR shop_id IS NOT NULL", name="code"),
        Index("ix_catalogue_skus_product", "product_id", "position"),
        Index("ix_catalogue_skus_stale", "stale_at", postgresql_where=text("stale_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"))
    shop_id: Mapped[UUID | None]
    name: Mapped[str]
    attributes: Mapped[dict[str, Any]] = mapped_column(InOrder)
    price: Mapped[int]
    list_price: Mapped[int | None]
    lowest: Mapped[int | None]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=SOLD)
    code: Mapped[str | None]
    bar_code: Mapped[str] = mapped_column(server_default="")
    weight: Mapped[int] = mapped_column(server_default="0")
    min_units: Mapped[int] = mapped_column(server_default="1")
    max_units: Mapped[int | None]
    picture_id: Mapped[UUID | None]
    stale_at: Mapped[datetime | None]
    fragment: Mapped[bytes]

    @property
    def is_on_sale(self) -> bool:
        return self.state == SOLD

    def write_head(self) -> None:
        """Write `fragment` anew."""
        own = {"id": self.id, "name": self.name, "price": self.price, "attributes": self.attributes}
        prices = {"list_price": self.list_price, "lowest_30d": self.price if self.lowest is None else self.lowest}
        units = {"min_units": self.min_units or 1, "max_units": self.max_units}
        self.fragment = orjson.dumps({**own, **prices, **units, "picture_id": self.picture_id})[:-1]


def axes_differ(skus: Sequence[Mapping[str, str]], axes: Sequence[str]) -> bool:
    """Whether no two variants have the same value on all of these axes (colour, size)."""
    places = [tuple(one.get(axis, "") for axis in axes) for one in skus]
    return not axes or len(set(places)) == len(places)


refuse_on(
    "uq_catalogue_skus_product_id_name",
    422,
    "invalid",
    "这件商品已有同名规格",
    "This product already has a variant of this name.",
    field="name",
)
refuse_on(
    "uq_catalogue_skus_shop_id_code",
    422,
    "invalid",
    "店内已有这个商家编码",
    "The shop already has a variant of this code.",
    field="code",
)
refuse_on("ck_catalogue_skus_price", 422, "invalid", "价格超出范围", "The price is out of range.", field="price")
refuse_on(
    "ck_catalogue_skus_units",
    422,
    "invalid",
    "最多件数不能小于最少件数",
    "The maximum must not be below the minimum.",
    field="max_units",
)
refuse_on(
    "ck_catalogue_skus_list_price",
    422,
    "invalid",
    "划线价须高于售价",
    "The list price must be above the price.",
    field="list_price",
)
