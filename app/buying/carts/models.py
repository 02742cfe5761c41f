"""Tables of carts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

MOST_CART_LINES = 100
MOST_OF_ONE = 99
GUEST_DAYS = 200
"""A guest's lines are kept so long after he added them: longer than his cookie lives."""


class Cart(Model):
    """How many lines a buyer's cart has: the check refuses one too many, however many are added at once."""

    __tablename__ = "carts_carts"
    __table_args__ = (CheckConstraint(f"lines BETWEEN 0 AND {MOST_CART_LINES}", name="lines"),)

    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    buyer_kind: Mapped[str]
    lines: Mapped[int] = mapped_column(Integer)


class CartLine(Model):
    """So many of one SKU in the cart of a person or guest, with the link that he came by and the price he saw then.

    Ids of people and of guests are never alike, so the id alone says whose it is. No foreign key to the SKU on purpose:
    each addition would lock the row of a popular one.
    """

    __tablename__ = "carts_lines"
    __table_args__ = (
        UniqueConstraint("buyer_id", "sku_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {MOST_OF_ONE}", name="quantity"),
        Index("ix_carts_lines_buyer", "buyer_id", "added_at", "id"),
        Index("ix_carts_lines_guests", "added_at", postgresql_where=text("is_guest")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    buyer_id: Mapped[UUID]
    is_guest: Mapped[bool] = mapped_column(server_default=text("false"))
    product_id: Mapped[UUID]
    sku_id: Mapped[UUID]
    quantity: Mapped[int] = mapped_column(SmallInteger)
    link_code: Mapped[str | None]
    price_added: Mapped[int]
    is_ticked: Mapped[bool] = mapped_column(server_default=text("true"))
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "ck_carts_carts_lines", 409, "cart_full", "购物车已满，请先清理一些", f"A cart has at most {MOST_CART_LINES} lines."
)
