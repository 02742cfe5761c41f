"""Tables of freight, the regions of its rules, and what a template makes of a group of goods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.people.addresses.models import city_of, province_of

PIECE, WEIGHT = "piece", "weight"
UNITS = (PIECE, WEIGHT)
MOST_RULES, MOST_TEMPLATES = 50, 50


def region_of(name: str) -> str | None:
    """A region of a rule in one spelling: 浙江, or 浙江/杭州 for a city; None for a province that there is not."""
    province, _, city = name.partition("/")
    found = province_of(province)
    return f"{found}/{city_of(city)}" if found and city.strip() else found


@dataclass(frozen=True, slots=True)
class FreightRule:
    """What sending to some regions costs, in 分. `regions` empty: to everywhere that no other rule names.

    The `first` units (pieces or grams) cost `first_price`, each begun `further` units `further_price`. Nothing at all
    from `free_amount` on, by what the goods cost after offers, or from `free_pieces` on. Not `delivered`: they
    are not sent there.
    """

    regions: tuple[str, ...] = ()
    delivered: bool = True
    first: int = 1
    first_price: int = 0
    further: int = 1
    further_price: int = 0
    free_amount: int | None = None
    free_pieces: int | None = None

    def costs(self, units: int, pieces: int, amount: int) -> int:
        """The freight of a group of goods: `units` of the template's measure, `pieces`, `amount` in 分."""
        if self.free_amount is not None and amount >= self.free_amount:
            return 0
        if self.free_pieces is not None and pieces >= self.free_pieces:
            return 0
        more = max(0, units - self.first)
        return self.first_price + -(-more // self.further) * self.further_price


@dataclass(frozen=True, slots=True)
class TemplateWanted:
    """What a template shall be."""

    name: str
    unit: str
    rules: Sequence[FreightRule]
    is_default: bool = False


class FreightTemplate(Model):
    """How a shop charges for sending. The default one is for all goods of the shop that have none of their own."""

    __tablename__ = "freight_templates"
    __table_args__ = (
        CheckConstraint("unit IN ('piece', 'weight')", name="unit"),
        Index("ix_freight_templates_shop", "shop_id", "created_at", "id"),
        Index("uq_freight_templates_default", "shop_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    name: Mapped[str]
    unit: Mapped[str]
    is_default: Mapped[bool]
    rules: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FreightProduct(Model):
    """These goods are charged by a template of their own."""

    __tablename__ = "freight_products"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"), primary_key=True)
    template_id: Mapped[UUID] = mapped_column(ForeignKey("freight_templates.id"), index=True)


def rule_for(rules: Sequence[FreightRule], address: Mapping[str, Any]) -> FreightRule | None:
    """The rule for an address: one that names its city, else its province, else that for elsewhere; None if none."""
    province = province_of(str(address.get("province", "")))
    # Of a municipality the province is the city, and people leave one of them out.
    province = province or province_of(str(address.get("city", "")))
    wanted = [f"{province}/{city_of(str(address.get('city', '')))}", province] if province else []
    for region in wanted:
        for rule in rules:
            if region in rule.regions:
                return rule
    return next((rule for rule in rules if not rule.regions), None)


refuse_on(
    "uq_freight_templates_default", 409, "default_taken", "默认模板刚被改过", "Another has just become the default."
)
