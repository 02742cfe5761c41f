"""Stock, the holds on it, and the log of what moved it.

For each SKU: what was put there = available + held (active holds) + sold (committed holds, as long as they are kept:
KEPT_DAYS after their end), and the movements of a SKU always add up to its available units.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

ACTIVE, COMMITTED, RELEASED = "active", "committed", "released"
LARGEST_STOCK = 10**9
KEPT_DAYS = 7


class Stock(Model):
    """Units of one SKU that may be taken now. Lowered by one conditional UPDATE, so that it is never oversold."""

    __tablename__ = "inventory_stock"
    __table_args__ = (CheckConstraint(f"available BETWEEN 0 AND {LARGEST_STOCK * 2}", name="available"),)

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    available: Mapped[int]


class Hold(Model):
    """Units taken from a stock for somebody (a checkout, then its purchase): given back, or sold, at `ended_at`."""

    __tablename__ = "inventory_holds"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("state IN ('active', 'committed', 'released')", name="state"),
        Index("ix_inventory_holds_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sku_id: Mapped[UUID] = mapped_column(index=True)
    quantity: Mapped[int]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[str]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Movement(Model):
    """One change of the units available: reason "held", "released" or "set"; never changed afterwards.

    The subject is what held or released (checkout, purchase), or the person who set the stock ("system" by no person).
    """

    __tablename__ = "inventory_movements"
    __table_args__ = (Index("ix_inventory_movements_sku", "sku_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    sku_id: Mapped[UUID]
    delta: Mapped[int]
    reason: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "ck_inventory_stock_available", 422, "invalid", "库存数量超出范围", "The stock is out of range.", field="stock"
)
