"""Categories, products, variants, and the JSON of each that its writer keeps ready.

`Product.page`, `Product.card` and `Sku.fragment` are JSON objects without their closing brace: what changes with stock
is put in at the moment of reading (catalogue.queries). Whoever changes a row writes its heads in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
    event,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.clock import iso
from app.core.db import Model
from app.core.errors import Refused, refuse_on, said
from app.core.ids import new_id
from app.core.money import LARGEST
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture
from app.store.shops.models import Shop

DRAFT, ON_SALE, OFF = "draft", "on_sale", "off"
STATES = (DRAFT, ON_SALE, OFF)
NEXT_STATES = {DRAFT: (ON_SALE,), ON_SALE: (OFF,), OFF: (ON_SALE,)}
PLAIN_SKU = "默认"
"""The name of the variant of a product that has only one."""
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_BRAND, LONGEST_NAME = 200, 20_000, 80, 120
LONGEST_EXTERNAL_ID = 200
MOST_SKUS, MOST_ATTRIBUTES, MOST_PICTURES = 100, 20, 12


@dataclass(frozen=True, slots=True)
class SkuWanted:
    """A variant to list: price in 分, units available."""

    price: int
    stock: int = 0
    name: str = PLAIN_SKU
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods to take in under the shop's own number, with one variant or none (`price` None: it cannot be bought yet).

    Whatever is None stays as it is on goods that are there already. `uploads` are pictures, the cover first.
    """

    external_id: str
    title: str
    description: str | None = None
    category: str | None = None
    brand: str | None = None
    sku_name: str = PLAIN_SKU
    price: int | None = None
    stock: int | None = None
    uploads: Sequence[UUID] | None = None


@dataclass(frozen=True, slots=True)
class ProductBrief:
    """The little that a tag or a link shows."""

    id: UUID
    title: str
    shop_id: UUID
    cover_id: UUID | None
    state: str
    is_taken_down: bool

    @property
    def is_on_sale(self) -> bool:
        return self.state == ON_SALE and not self.is_taken_down

    @property
    def is_visible(self) -> bool:
        return self.state != DRAFT and not self.is_taken_down


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """A product with all that can be searched; `price` the lowest of its variants in 分."""

    id: UUID
    title: str
    description: str
    brand: str
    category: str
    shop: str
    shop_id: UUID
    attributes: tuple[str, ...]
    price: int | None
    in_stock: bool
    created_at: datetime
    changed_at: datetime


class Category(Model):
    """A kind of goods. Every database begins with the general ones (STARTING_CATEGORIES); imports may add more."""

    __tablename__ = "catalogue_categories"
    __table_args__ = (UniqueConstraint("name"), Index("ix_catalogue_categories_order", "position", "name"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    position: Mapped[int]


class Product(Model):
    """Goods of a shop, in one or several variants. `external_id` is the shop's own number for it."""

    __tablename__ = "catalogue_products"
    __table_args__ = (
        UniqueConstraint("shop_id", "external_id"),
        CheckConstraint("state IN ('draft', 'on_sale', 'off')", name="state"),
        Index("ix_catalogue_products_category", "category_id", "created_at", "id"),
        Index("ix_catalogue_products_shop", "shop_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_categories.id"))
    title: Mapped[str]
    description: Mapped[str]
    brand: Mapped[str]
    state: Mapped[str]
    external_id: Mapped[str | None]
    page: Mapped[bytes]
    card: Mapped[bytes]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def is_public(self) -> bool:
        """Whether people may see it, on sale or not. A take-down is another row."""
        return self.state != DRAFT

    @property
    def ref(self) -> Ref:
        """The product as what shows its pictures."""
        return Ref("product", self.id)

    def move_to(self, state: str) -> None:
        """Raises Refused 409 for a state that does not follow on the present one."""
        if state not in NEXT_STATES[self.state]:
            zh, en = f"不能从 {self.state} 变为 {state}", f"It cannot go from {self.state} to {state}."
            raise Refused(409, "wrong_state", zh, en, errors={"state": [said(zh, en)]})
        self.state = state

    def write_heads(self, shop: Shop, category: Category | None, shown: Sequence[Upload]) -> None:
        """Write `page` and `card` anew; `shown` are its pictures, the cover first."""
        named_shop = {"id": shop.id, "name": shop.name}
        own = {"id": self.id, "kind": "product", "title": self.title}
        self.card = _head({**own, "cover": picture(shown[0], "card") if shown else None, "shop": named_shop})
        self.page = _head(
            {
                **own,
                "description": self.description,
                "brand": self.brand,
                "category": {"id": category.id, "name": category.name} if category else None,
                "shop": named_shop,
                "pictures": [{"id": one.id, **picture(one, "full")} for one in shown],
                "state": self.state,
                "created_at": iso(self.created_at),
            }
        )


class ProductPicture(Model):
    """A picture of a product; the one at position 0 is its cover."""

    __tablename__ = "catalogue_pictures"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads_uploads.id"))


class InOrder(JSON):
    """A JSON object that keeps its order; the same in another order is another value."""

    cache_ok = True

    def compare_values(self, x: Any, y: Any) -> bool:
        return x == y and list(x or ()) == list(y or ())


class Sku(Model):
    """A variant that can be bought, with its price in 分. `attributes` keep the order in which the shop gave them."""

    __tablename__ = "catalogue_skus"
    __table_args__ = (
        UniqueConstraint("product_id", "name"),
        CheckConstraint(f"price BETWEEN 0 AND {LARGEST}", name="price"),
        Index("ix_catalogue_skus_product", "product_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"))
    name: Mapped[str]
    attributes: Mapped[dict[str, Any]] = mapped_column(InOrder)
    price: Mapped[int]
    position: Mapped[int]
    fragment: Mapped[bytes]

    def write_head(self) -> None:
        """Write `fragment` anew."""
        own = {"id": self.id, "name": self.name, "price": self.price, "attributes": self.attributes}
        self.fragment = _head(own)


class ProductTakeDown(Model):
    """A moderator has taken a product from sight; deleting the row puts it back."""

    __tablename__ = "catalogue_takedowns"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"), primary_key=True)
    reason: Mapped[str]
    by_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ProductLog(Model):
    """A change of a product's state: who, from what, to what."""

    __tablename__ = "catalogue_log"
    __table_args__ = (Index("ix_catalogue_log_product", "product_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    product_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def _head(values: Mapping[str, Any]) -> bytes:
    return orjson.dumps(values)[:-1]


_NAMES = (
    "护肤 彩妆 香氛 女装 男装 童装 内衣 鞋靴 箱包 首饰配饰 母婴 食品 茶酒饮料 生鲜 家居日用 家纺 家具 厨具 "
    "家用电器 手机数码 电脑办公 运动户外 图书文具 玩具乐器 宠物 汽车用品 健康 手工文创 其他"
)
_NAMESPACE = UUID("5b1f6c1e-0b6e-4c39-9d3e-3d6a2f0c7a11")
STARTING_CATEGORIES = {uuid5(_NAMESPACE, name): name for name in _NAMES.split()}
"""The general categories by id: the same ids everywhere, so that a client may know them."""


def starting_rows() -> list[dict[str, Any]]:
    """The general categories as rows, in their order."""
    named = enumerate(STARTING_CATEGORIES.items())
    return [{"id": id_, "name": name, "position": place} for place, (id_, name) in named]


@event.listens_for(Category.__table__, "after_create")
def _add_starting_categories(table: Table, connection: Connection, **_: Any) -> None:
    connection.execute(table.insert(), starting_rows())


refuse_on(
    "uq_catalogue_products_shop_id_external_id",
    409,
    "already_listed",
    "店内已有此编号的商品",
    "The shop already has a product with this number.",
    field="external_id",
)
refuse_on("fk_catalogue_products_category_id", 422, "invalid", "没有这个分类", "No such category.", field="category_id")
refuse_on(
    "uq_catalogue_skus_product_id_name",
    422,
    "invalid",
    "这件商品已有同名规格",
    "This product already has a variant of this name.",
    field="name",
)
refuse_on("ck_catalogue_skus_price", 422, "invalid", "价格超出范围", "The price is out of range.", field="price")
