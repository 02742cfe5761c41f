"""Products, and the JSON of each that its writer keeps ready.

`Product.page` and `Product.card` are JSON objects without their closing brace: what changes with stock is put in at the
moment of reading (catalogue.queries). Whoever changes a row writes its heads in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.clock import iso
from app.core.db import Model
from app.core.errors import Refused, refuse_on, said
from app.core.ids import new_id
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture
from app.store.categories.models import PHYSICAL, Category
from app.store.shops.models import Shop
from app.store.variants.models import PLAIN_SKU, InOrder

DRAFT, ON_SALE, OFF = "draft", "on_sale", "off"
STATES = (DRAFT, ON_SALE, OFF)
NEXT_STATES = {DRAFT: (ON_SALE,), ON_SALE: (OFF,), OFF: (ON_SALE,)}
IN_REVIEW = "in_review"
"""How people are shown a product that waits for a moderator; its own state is what it was before."""
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_BRAND = 200, 20_000, 80
LONGEST_EXTERNAL_ID = 200
MOST_PICTURES = 12


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
    code: str | None = None
    bar_code: str | None = None
    weight: int | None = None


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


class Product(Model):
    """Goods of a shop, in one or several variants. `external_id` is the shop's own number for it.

    `brand` is shown, `brand_id` one that is known. `goods_kind` stays once somebody has begun to buy. While a moderator
    has to look at it, `submitted_at` says since when; `approved_at`: when one let it pass. At `on_sale_at` and
    `off_sale_at` a sweep puts it on sale and off. `in_person`: no parcel brings it, its buyer has it handed over;
    `return_days`: instead of its category's.
    """

    __tablename__ = "catalogue_products"
    __table_args__ = (
        UniqueConstraint("shop_id", "external_id"),
        CheckConstraint("state IN ('draft', 'on_sale', 'off')", name="state"),
        Index("ix_catalogue_products_category", "category_id", "created_at", "id"),
        CheckConstraint("goods_kind IN ('physical', 'virtual', 'service')", name="goods_kind"),
        Index("ix_catalogue_products_shop", "shop_id", "created_at", "id"),
        Index("ix_catalogue_products_submitted", "submitted_at", postgresql_where=text("submitted_at IS NOT NULL")),
        Index("ix_catalogue_products_on_sale_at", "on_sale_at", postgresql_where=text("on_sale_at IS NOT NULL")),
        Index("ix_catalogue_products_off_sale_at", "off_sale_at", postgresql_where=text("off_sale_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_categories.id"))
    title: Mapped[str]
    description: Mapped[str]
    brand: Mapped[str]
    state: Mapped[str]
    external_id: Mapped[str | None]
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brands_brands.id"))
    goods_kind: Mapped[str] = mapped_column(server_default=PHYSICAL)
    attributes: Mapped[dict[str, Any]] = mapped_column(InOrder, server_default="{}")
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    on_sale_at: Mapped[datetime | None]
    off_sale_at: Mapped[datetime | None]
    in_person: Mapped[bool] = mapped_column(server_default=text("false"))
    return_days: Mapped[int | None]
    page: Mapped[bytes]
    card: Mapped[bytes]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @classmethod
    def numbered(cls, shop_id: UUID, number: str, stamp: datetime) -> "Product":
        """Goods that an import brings under the shop's own number, without a title yet."""
        named = {"description": "", "brand": "", "goods_kind": PHYSICAL, "attributes": {}, "state": ON_SALE}
        return cls(id=new_id(), shop_id=shop_id, external_id=number, created_at=stamp, **named)

    @property
    def is_public(self) -> bool:
        """Whether people may see it, on sale or not. A take-down is another row."""
        return self.state != DRAFT

    @property
    def says_more(self) -> bool:
        """Whether it is new, or has another title or description than its row: what a moderator would look at."""
        told = inspect(self).attrs
        return self.page is None or told.title.history.has_changes() or told.description.history.has_changes()

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
                "brand_id": self.brand_id,
                "goods_kind": self.goods_kind or PHYSICAL,
                "attributes": self.attributes or {},
            }
        )

    def name_shop(self, name: str) -> bool:
        """Write the name of its shop anew; False where that is what it says."""
        card, page = (orjson.loads(head + b"}") for head in (self.card, self.page))
        if card["shop"]["name"] == page["shop"]["name"] == name:
            return False
        card["shop"]["name"] = page["shop"]["name"] = name
        self.card, self.page = _head(card), _head(page)
        return True


class ProductPicture(Model):
    """A picture of a product; the one at position 0 is its cover."""

    __tablename__ = "catalogue_pictures"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads_uploads.id"))


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


refuse_on(
    "uq_catalogue_products_shop_id_external_id",
    409,
    "already_listed",
    "店内已有此编号的商品",
    "The shop already has a product with this number.",
    field="external_id",
)
refuse_on("fk_catalogue_products_category_id", 422, "invalid", "没有这个分类", "No such category.", field="category_id")
