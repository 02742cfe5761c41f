"""Purchases (one payment), orders (one a shop), lines and adjustments.

Goods, shops, posts and promoters are opaque ids with what was shown at the time of buying beside them: a foreign key to
a shop would take a lock on a popular shop's row with every order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import digits
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import money
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

UNPAID, PAID, LAPSED, CANCELLED = "unpaid", "paid", "lapsed", "cancelled"
SHOP_FUNDS, PLATFORM_FUNDS = "shop", "platform"
"""The funders of an adjustment: the shop itself bears it, or the platform pays it to the shop."""
PHYSICAL, VIRTUAL, SERVICE = "physical", "virtual", "service"
GOODS_KINDS = (PHYSICAL, VIRTUAL, SERVICE)
SHIP, PICK_UP, NONE = "ship", "pick_up", "none"
METHODS = (SHIP, PICK_UP, NONE)
"""How an order reaches its buyer: by a carrier, fetched at a counter, or with nothing to hand over."""
MALL, STORE, LINK = "mall", "store", "link"
CHANNELS = (MALL, STORE, LINK)
"""Where an order was sold: in the mall, at a light store's own address, or by a link that brought the buyer."""


@dataclass(frozen=True, slots=True)
class AdjustmentToPlace:
    """What an offer takes off a line, or off a freight: `amount` < 0 in minor units, `source` the offer, `funder` who
    bears it, `name` what it is called at this moment."""

    amount: int
    source: str
    funder: str = SHOP_FUNDS
    name: str = ""


@dataclass(frozen=True, slots=True)
class LineToPlace:
    """One line of a purchase: `price` is for one unit, in minor units, as it is now.

    Frozen with it: `take_rate`, what the platform keeps of it, in ten-thousandths; `return_days`, for how many days
    after receipt it may go back without a reason; and of goods that another one supplies, who (`supplier_id`, a shop),
    from which SKU's stock (`stock_sku_id`), and what he gets for a unit. `personal`: it may be sold by a person.
    """

    sku_id: UUID
    product_id: UUID
    shop_id: UUID
    title: str
    sku_name: str
    price: int
    quantity: int
    link_id: UUID | None = None
    post_id: UUID | None = None
    promoter_id: UUID | None = None
    own_purchase: bool = False
    goods_kind: str = PHYSICAL
    take_rate: int = 0
    return_days: int = 7
    stock_sku_id: UUID | None = None
    supplier_id: UUID | None = None
    supply_price: int | None = None
    personal: bool = True
    adjustments: Sequence[AdjustmentToPlace] = ()

    @property
    def total(self) -> int:
        """What the line costs: the one place where lines and adjustments are added up."""
        return self.price * self.quantity + sum(one.amount for one in self.adjustments)


@dataclass(frozen=True, slots=True)
class Parcel:
    """How one shop's goods are sold and reach the buyer: `freight` in minor units, and what offers take off it;
    `pick_up` where he fetches them: {name, address, hours}, as it was told him."""

    freight: int = 0
    adjustments: Sequence[AdjustmentToPlace] = ()
    method: str = SHIP
    channel: str = MALL
    pick_up: Mapping[str, Any] | None = None

    @property
    def total(self) -> int:
        return self.freight + sum(one.amount for one in self.adjustments)


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """One shop's part of a placed purchase."""

    id: UUID
    shop_id: UUID
    total: int


@dataclass(frozen=True, slots=True)
class PlacedPurchase:
    """A purchase that was just placed; `total` in minor units, `gateways` as a purchase has them."""

    id: UUID
    orders: list[PlacedOrder]
    total: int
    status: str = UNPAID
    currency: str = money.CURRENCY
    gateways: Sequence[str] | None = None


GUEST_PHONE = "\"right\"(regexp_replace(address ->> 'phone', '[^0-9]', '', 'g'), 11)"
"""SQL: the phone number to which a purchase goes, as it is dialled within the country."""


def dialled(phone: str) -> str:
    """As GUEST_PHONE."""
    return "".join(one for one in phone if one in digits)[-11:]


class Purchase(Model):
    """What a buyer pays at once. `unpaid` becomes `paid`, `lapsed` (at `pay_by`) or `cancelled`, and stays that.

    `gateways`: by which it may be paid, where its shops do not take all that are open (None).
    """

    __tablename__ = "orders_purchases"
    __table_args__ = (
        UniqueConstraint("checkout_id"),
        UniqueConstraint("id", "status"),
        CheckConstraint("status IN ('unpaid', 'paid', 'lapsed', 'cancelled')", name="status"),
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_at"),
        Index("ix_orders_purchases_due", "status", "pay_by", postgresql_where=text("status = 'unpaid'")),
        Index("ix_orders_purchases_buyer", "buyer_kind", "buyer_id", "created_at", "id"),
        Index("ix_orders_purchases_guest_phone", text(GUEST_PHONE), postgresql_where=text("buyer_kind = 'guest'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    buyer_kind: Mapped[str]
    buyer_id: Mapped[UUID]
    checkout_id: Mapped[UUID]
    total: Mapped[int]
    currency: Mapped[str] = mapped_column(default=money.CURRENCY)
    status: Mapped[str] = mapped_column(default=UNPAID)
    pay_by: Mapped[datetime]
    address: Mapped[dict[str, Any] | None]
    note: Mapped[str] = mapped_column(server_default="")
    gateways: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    paid_at: Mapped[datetime | None]


class Order(Model):
    """The part of a purchase that one shop sells. Its total is the sum of lines, freight and all adjustments.

    `status` is its purchase's and is never written here: the foreign key carries each change over, in the statement
    that makes it, so that a shop's orders of one status are found by an index.
    """

    __tablename__ = "orders_orders"
    __table_args__ = (
        ForeignKeyConstraint(
            ["purchase_id", "status"], ["orders_purchases.id", "orders_purchases.status"], onupdate="CASCADE"
        ),
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("freight >= 0", name="freight"),
        CheckConstraint("method IN ('ship', 'pick_up', 'none')", name="method"),
        Index("ix_orders_orders_purchase", "purchase_id"),
        Index("ix_orders_orders_shop", "shop_id", "created_at", "id"),
        Index("ix_orders_orders_status", "shop_id", "status", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purchase_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default=UNPAID)
    shop_id: Mapped[UUID]
    total: Mapped[int]
    freight: Mapped[int] = mapped_column(server_default=text("0"))
    method: Mapped[str] = mapped_column(server_default=SHIP)
    channel: Mapped[str] = mapped_column(server_default=MALL)
    pick_up: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OrderLine(Model):
    """One SKU of an order, at the price and under the name of that moment, with who brought the buyer to it.

    What was agreed, never changed: how much of it is shipped, received or refunded is fulfilment's. `shipped`,
    `received` and `refunded` are left from before; nobody writes them.
    """

    __tablename__ = "orders_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("goods_kind IN ('physical', 'virtual', 'service')", name="goods_kind"),
        CheckConstraint("take_rate BETWEEN 0 AND 10000", name="take_rate"),
        CheckConstraint(
            "shipped BETWEEN 0 AND quantity AND received BETWEEN 0 AND shipped AND refunded BETWEEN 0 AND quantity",
            name="moved",
        ),
        Index("ix_orders_lines_order", "order_id"),
        Index("ix_orders_lines_purchase", "purchase_id"),
        Index("ix_orders_lines_product", "product_id"),
        Index("ix_orders_lines_post", "post_id", "id", postgresql_where=text("post_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders_orders.id"))
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("orders_purchases.id"))
    shop_id: Mapped[UUID]
    position: Mapped[int]
    product_id: Mapped[UUID]
    sku_id: Mapped[UUID]
    title: Mapped[str]
    sku_name: Mapped[str]
    price: Mapped[int]
    quantity: Mapped[int]
    shipped: Mapped[int] = mapped_column(server_default=text("0"))
    received: Mapped[int] = mapped_column(server_default=text("0"))
    refunded: Mapped[int] = mapped_column(server_default=text("0"))
    link_id: Mapped[UUID | None]
    post_id: Mapped[UUID | None]
    promoter_id: Mapped[UUID | None]
    own_purchase: Mapped[bool] = mapped_column(server_default=text("false"))
    goods_kind: Mapped[str] = mapped_column(server_default=PHYSICAL)
    take_rate: Mapped[int] = mapped_column(server_default=text("0"))
    return_days: Mapped[int] = mapped_column(server_default=text("7"))
    stock_sku_id: Mapped[UUID | None]
    supplier_id: Mapped[UUID | None]
    supply_price: Mapped[int | None]


class Adjustment(Model):
    """What an offer takes off a line, or off an order's freight (then it has no line): `source` is the offer, `funder`
    who bears it ("shop", "platform", ...), `name` what the offer was called then ("" of old ones)."""

    __tablename__ = "orders_adjustments"
    __table_args__ = (
        CheckConstraint("amount < 0", name="amount"),
        CheckConstraint("(line_id IS NULL) <> (order_id IS NULL)", name="of_what"),
        Index("ix_orders_adjustments_line", "line_id"),
        Index("ix_orders_adjustments_freight", "order_id", postgresql_where=text("line_id IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders_lines.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders_orders.id"))
    amount: Mapped[int]
    source: Mapped[str]
    funder: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")


class OrderLog(Model):
    """Each change of a purchase's status: who, from what, to what, why."""

    __tablename__ = "orders_log"
    __table_args__ = (Index("ix_orders_log_purchase", "purchase_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("orders_purchases.id"))
    who_kind: Mapped[str]
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "uq_orders_purchases_checkout_id", 409, "already_purchased", "此结算单已经下单", "This checkout has been purchased."
)
for _total in ("ck_orders_orders_total", "ck_orders_purchases_total"):
    refuse_on(_total, 409, "below_zero", "优惠超过了商品金额", "The offers are worth more than the goods.")
