"""Stock, the holds on it, and the log of what moved it.

For each SKU: what was put there = available + held (active holds) + sold (committed holds, as long as they are kept:
KEPT_DAYS after their end) + sent in place of others - put back, and the movements of a SKU always add up to its
available units.
"""

import hashlib
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Caller
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

ACTIVE, COMMITTED, RELEASED = "active", "committed", "released"
LARGEST_STOCK = 10**9
KEPT_DAYS = 7
SET, HELD, BACK = "set", "held", "released"
RECEIVED, DAMAGED, MOVED = "received", "damaged", "moved"
RETURNED, CANCELLED, CANCELLATION, EXCHANGED = "returned", "cancelled", "cancellation", "exchanged"
REASONS = (SET, HELD, BACK, RECEIVED, DAMAGED, MOVED, RETURNED, CANCELLED, CANCELLATION, EXCHANGED)
"""Why stock moved: set by hand; held for a buyer, and given back; came in, was damaged, moved to another warehouse;
sent back by a buyer; cancelled after it was sold, within a case of after-sales or before it was sent; sent to a buyer
in place of what he sent back."""
RESTOCKING = (RETURNED, CANCELLED, CANCELLATION)
LEAVING = (EXCHANGED,)
MOST_UNITS_HELD = 500
"""Of one SKU, by one buyer, in all that he holds: a limit of its own may be lower (variants)."""
MOST_BASKETS_OF_DEVICE = 60
"""Checkouts and unpaid purchases for which goods are held from one device at one address, whoever sits there: guests
cost nothing."""


class HeldFor(NamedTuple):
    """Who is behind a hold: a person's or guest's id, and the device at its address."""

    buyer_id: UUID | None = None
    device_id: UUID | None = None


def held_for(caller: Caller) -> HeldFor:
    """Who holds, for `hold` and `require_few_holds`. What a device calls itself proves nothing, so it counts with its
    address."""
    named = hashlib.sha256(f"{caller.ip}\n{caller.device}".encode()).digest()[:16] if caller.ip else None
    return HeldFor(caller.ref.id if caller.ref else None, UUID(bytes=named) if named else None)


class Stock(Model):
    """Units of one SKU that may be taken now. Lowered by one conditional UPDATE, so that it is never oversold.

    One pool over all channels, which lies in one warehouse (None: the shop's own). `low_at`: from so many units down
    the shop wants to know.
    """

    __tablename__ = "inventory_stock"
    __table_args__ = (CheckConstraint(f"available BETWEEN 0 AND {LARGEST_STOCK * 2}", name="available"),)

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    available: Mapped[int]
    warehouse_id: Mapped[UUID | None]
    low_at: Mapped[int | None]


class Hold(Model):
    """Units taken from a stock for somebody (a checkout, then its purchase): given back, or sold, at `ended_at`."""

    __tablename__ = "inventory_holds"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("state IN ('active', 'committed', 'released')", name="state"),
        Index("ix_inventory_holds_subject", "subject_kind", "subject_id"),
        Index("ix_inventory_holds_buyer", "buyer_id", "sku_id", postgresql_where=text("state = 'active'")),
        Index("ix_inventory_holds_device", "device_id", postgresql_where=text("state = 'active'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sku_id: Mapped[UUID] = mapped_column(index=True)
    quantity: Mapped[int]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[str]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    buyer_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Movement(Model):
    """One change of the units available, for one of REASONS; never changed afterwards.

    The subject is what held, released or returned (checkout, purchase, return), or the person who changed the stock
    ("system" by no person). A subject gives the same goods back for the same reason only once, and takes them out once.
    """

    __tablename__ = "inventory_movements"
    __table_args__ = (
        Index("ix_inventory_movements_sku", "sku_id", "id"),
        Index(
            "uq_inventory_movements_restocked",
            "subject_id",
            "subject_kind",
            "reason",
            "sku_id",
            unique=True,
            postgresql_where=text("reason IN ('returned', 'cancelled', 'cancellation')"),
        ),
        Index(
            "uq_inventory_movements_taken_out",
            "subject_id",
            "subject_kind",
            "reason",
            "sku_id",
            unique=True,
            postgresql_where=text("reason = 'exchanged'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    sku_id: Mapped[UUID]
    delta: Mapped[int]
    reason: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    warehouse_id: Mapped[UUID | None]
    why: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "ck_inventory_stock_available", 422, "invalid", "库存数量超出范围", "The stock is out of range.", field="stock"
)
