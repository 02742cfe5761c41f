"""Tables of freight, the names of regions, and what a template makes of a group of goods."""

import re
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

PIECE, WEIGHT = "piece", "weight"
UNITS = (PIECE, WEIGHT)
MOST_RULES, MOST_TEMPLATES = 50, 50

PROVINCES: list[str] = re.findall(
    r"\w+",
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 "
    "重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾",
)
"""The 34 divisions of the first level, by their short names; people also write them in full (province_of)."""
_FULL_ENDINGS = ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市")
_PEOPLES = re.findall(
    r"\w+",
    "蒙古 柯尔克孜 哈萨克 布依 朝鲜 土家 哈尼 傈僳 景颇 蒙 藏 回 苗 彝 壮 侗 瑶 白 傣 黎 羌",
)
_NAMED_AFTER = "(?:" + "|".join(_PEOPLES) + r")族{0,1}"
_PREFECTURE = re.compile(rf"(?:{_NAMED_AFTER})*(?:自治州|地区|盟|市|特别行政区)$")
"""What the name of a city or prefecture ends in, with the peoples that some are named after."""


def province_of(name: str) -> str | None:
    """The short name of a division of the first level, however it is written: 新疆维吾尔自治区 -> 新疆."""
    wanted = "".join(name.split())
    for ending in _FULL_ENDINGS:
        if wanted.endswith(ending) and wanted.removesuffix(ending) in PROVINCES:
            return wanted.removesuffix(ending)
    return wanted if wanted in PROVINCES else None


def city_of(name: str) -> str:
    """A city's name without its ending: 杭州市 -> 杭州, 伊犁哈萨克自治州 -> 伊犁."""
    wanted = "".join(name.split())
    return _PREFECTURE.sub("", wanted) or wanted


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
