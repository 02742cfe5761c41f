"""How far a paid order is, line by line, and the three axes that follow from it.

Money and parcels never share one status (systems.md D 4.2): payment, fulfilment and after-sale are derived from
quantities. They are written beside them only so that an index finds a shop's orders to ship, in the one place that
moves quantities (actions.move_lines).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

UNFULFILLED, PARTLY_SHIPPED, SHIPPED, RECEIVED, CANCELLED = (
    "unfulfilled",
    "partly_shipped",
    "shipped",
    "received",
    "cancelled",
)
FULFILMENTS = (UNFULFILLED, PARTLY_SHIPPED, SHIPPED, RECEIVED, CANCELLED)
NO_CASE, OPEN, PARTLY_REFUNDED, REFUNDED = "none", "open", "partly_refunded", "refunded"
AFTERSALES = (NO_CASE, OPEN, PARTLY_REFUNDED, REFUNDED)

SHIP, RECEIVE, CLAIM, LET_GO = "ship", "receive", "claim", "let_go"
CANCEL, REFUND, TAKE_BACK, PAY = "cancel", "refund", "take_back", "pay"
UNDO, GIVE_UP = "undo", "give_up"
MOVES: Mapping[str, Mapping[str, int]] = {
    SHIP: {"shipped": 1},
    RECEIVE: {"received": 1},
    CLAIM: {"claimed": 1},
    LET_GO: {"claimed": -1},
    CANCEL: {"cancelled": 1, "refunded": 1},
    REFUND: {"claimed": -1, "refunded": 1},
    TAKE_BACK: {"claimed": -1, "refunded": 1, "returned": 1},
    PAY: {},
    UNDO: {"shipped": -1, "received": -1},
    GIVE_UP: {"claimed": -1, "cancelled": 1, "refunded": 1},
}
"""What a unit does to the quantities of its line: sent; handed over; claimed by an after-sales case, or let go by it;
cancelled before it was sent; refunded and kept; refunded and sent back. PAY gives money for no unit, and what is let go
may bring some: a compensation for units that stay bought. UNDO: it was not handed over after all; GIVE_UP: claimed, and
cancelled since it was not."""


@dataclass(frozen=True, slots=True)
class Move:
    """So many units of a line, and the 分 that go back for them."""

    line_id: UUID
    kind: str
    units: int = 0
    amount: int = 0


class Axes(NamedTuple):
    """Where an order stands."""

    fulfilment: str
    aftersale: str


class OrderProgress(Model):
    """How far a paid order is. `total` and `freight` are what was paid for all of it and for sending it; `refunded` and
    `freight_refunded` what goes back of each, in 分. `address` replaces the purchase's where the buyer changed it."""

    __tablename__ = "fulfilment_orders"
    __table_args__ = (
        CheckConstraint("refunded BETWEEN 0 AND total", name="refunded"),
        CheckConstraint("freight_refunded BETWEEN 0 AND freight", name="freight_refunded"),
        Index("ix_fulfilment_orders_shop", "shop_id", "fulfilment", "began_at", "order_id"),
        Index(
            "ix_fulfilment_orders_late",
            "ship_by",
            postgresql_where=text("fulfilment IN ('unfulfilled', 'partly_shipped') AND ship_by IS NOT NULL"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders_orders.id"), primary_key=True)
    shop_id: Mapped[UUID]
    fulfilment: Mapped[str]
    aftersale: Mapped[str]
    total: Mapped[int]
    refunded: Mapped[int] = mapped_column(server_default=text("0"))
    freight: Mapped[int]
    freight_refunded: Mapped[int] = mapped_column(server_default=text("0"))
    ship_by: Mapped[datetime | None]
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    began_at: Mapped[datetime] = mapped_column(server_default=func.now())
    received_at: Mapped[datetime | None]


class LineProgress(Model):
    """How far a line is. `sku_id` is the SKU whose stock it was, `total` what was paid for it, `refunded_amount`
    what goes back of it, in 分."""

    __tablename__ = "fulfilment_lines"
    __table_args__ = (
        CheckConstraint("cancelled + shipped <= quantity", name="shipped"),
        CheckConstraint("received <= shipped AND returned <= shipped", name="received"),
        CheckConstraint("claimed + refunded <= quantity", name="claimed"),
        CheckConstraint("refunded_amount BETWEEN 0 AND greatest(total, 0)", name="refunded_amount"),
        CheckConstraint(
            "least(shipped, received, claimed, cancelled, returned, refunded) >= 0 AND cancelled <= refunded",
            name="moved",
        ),
        Index("ix_fulfilment_lines_order", "order_id"),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey("orders_lines.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    sku_id: Mapped[UUID]
    quantity: Mapped[int]
    total: Mapped[int]
    shipped: Mapped[int] = mapped_column(server_default=text("0"))
    received: Mapped[int] = mapped_column(server_default=text("0"))
    claimed: Mapped[int] = mapped_column(server_default=text("0"))
    cancelled: Mapped[int] = mapped_column(server_default=text("0"))
    returned: Mapped[int] = mapped_column(server_default=text("0"))
    refunded: Mapped[int] = mapped_column(server_default=text("0"))
    refunded_amount: Mapped[int] = mapped_column(server_default=text("0"))

    @property
    def to_ship(self) -> int:
        """Units that are still to be sent."""
        return self.quantity - self.cancelled - self.shipped

    @property
    def free(self) -> int:
        """Units that no case claims and nobody has refunded."""
        return self.quantity - self.claimed - self.refunded

    @property
    def sent_and_free(self) -> int:
        """Units that were sent, and that no case claims and nobody has refunded."""
        return self.sent_and_kept - self.claimed

    @property
    def sent_and_kept(self) -> int:
        """Units that were sent and that nobody has refunded, be they claimed or not."""
        return self.shipped - (self.refunded - self.cancelled)

    def move(self, by: Move) -> bool:
        """Move the quantities; whether all of it was there to be moved."""
        for name, sign in MOVES[by.kind].items():
            setattr(self, name, getattr(self, name) + sign * by.units)
        self.refunded_amount += by.amount
        counts = (self.shipped, self.received, self.claimed, self.cancelled, self.returned, self.refunded)
        is_whole = min(counts) >= 0 and min(self.to_ship, self.free, self.shipped - self.received) >= 0
        is_mine = self.returned <= self.shipped and self.cancelled <= self.refunded
        return is_whole and is_mine and 0 <= self.refunded_amount <= max(self.total, 0)


class FulfilmentLog(Model):
    """One change of an axis ("fulfilment", "aftersale"), or of the "address": who, from what, to what, why."""

    __tablename__ = "fulfilment_log"
    __table_args__ = (Index("ix_fulfilment_log_order", "order_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    what: Mapped[str]
    who_kind: Mapped[str]
    who_id: Mapped[UUID | None]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def axes_of(lines: Iterable[LineProgress]) -> Axes:
    """Where an order of these lines stands."""
    found = list(lines)
    return Axes(_fulfilment_of(found), _aftersale_of(found))


def _fulfilment_of(lines: list[LineProgress]) -> str:
    to_ship, shipped = sum(one.to_ship for one in lines), sum(one.shipped for one in lines)
    if not shipped:
        return UNFULFILLED if to_ship else CANCELLED
    if to_ship:
        return PARTLY_SHIPPED
    return RECEIVED if sum(one.received for one in lines) == shipped else SHIPPED


def _aftersale_of(lines: list[LineProgress]) -> str:
    if any(one.claimed for one in lines):
        return OPEN
    if all(one.refunded == one.quantity for one in lines):
        return REFUNDED
    return PARTLY_REFUNDED if any(one.refunded or one.refunded_amount for one in lines) else NO_CASE


def units_unsent(line: Mapping[str, Any]) -> int:
    """Of a shown line: units that were not sent, and can be cancelled at once."""
    free = line["quantity"] - line["claimed"] - line["refunded"]
    return int(max(min(line["quantity"] - line["cancelled"] - line["shipped"], free), 0))


def units_claimable(line: Mapping[str, Any]) -> int:
    """Of a shown line: units that were sent, and that no case claims and nobody has refunded."""
    return int(max(line["shipped"] - line["claimed"] - (line["refunded"] - line["cancelled"]), 0))
