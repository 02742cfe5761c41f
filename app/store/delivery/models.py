"""Packages, what is in them, what their carriers told of them, and the codes that goods are fetched with."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

PICKED_UP, MOVING, DELIVERING, DELIVERED, LOST = "picked_up", "moving", "delivering", "delivered", "lost"
TRACKS = (PICKED_UP, MOVING, DELIVERING, DELIVERED, LOST)
COUNTER = "counter"
"""The carrier of goods that are handed over at a counter."""


class ParcelToEnter(NamedTuple):
    """A parcel with all that is still to be sent of an order."""

    order_id: UUID
    carrier: str
    number: str


class Package(Model):
    """Goods of one order on their way. Who says nothing has received them at `receive_by`; he may put that off once.

    `sender_id` is the shop that sent it: the order's own, or the supplier of its goods.
    """

    __tablename__ = "delivery_packages"
    __table_args__ = (
        UniqueConstraint("order_id", "carrier", "number"),
        Index("ix_delivery_packages_due", "receive_by", postgresql_where=text("received_at IS NULL")),
        Index("ix_delivery_packages_number", "carrier", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    sender_id: Mapped[UUID]
    carrier: Mapped[str]
    number: Mapped[str]
    shipped_at: Mapped[datetime] = mapped_column(server_default=func.now())
    delivered_at: Mapped[datetime | None]
    receive_by: Mapped[datetime]
    put_off: Mapped[bool] = mapped_column(server_default=text("false"))
    received_at: Mapped[datetime | None]


class PackageLine(Model):
    """So many units of a line in a package."""

    __tablename__ = "delivery_package_lines"
    __table_args__ = (CheckConstraint("units > 0", name="units"),)

    package_id: Mapped[UUID] = mapped_column(ForeignKey("delivery_packages.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("orders_lines.id"), primary_key=True)
    units: Mapped[int]


class Track(Model):
    """What a carrier told of a package, each thing once; never changed."""

    __tablename__ = "delivery_tracks"
    __table_args__ = (
        UniqueConstraint("package_id", "event_id"),
        CheckConstraint("state IN ('picked_up', 'moving', 'delivering', 'delivered', 'lost')", name="state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    package_id: Mapped[UUID] = mapped_column(ForeignKey("delivery_packages.id"))
    event_id: Mapped[str]
    state: Mapped[str]
    place: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PickUp(Model):
    """A code with which an order is fetched; only a keyed hash of it is kept. `turn` makes another one of the same
    order, where the shop has the same code waiting already."""

    __tablename__ = "delivery_pick_ups"
    __table_args__ = (
        Index(
            "uq_delivery_pick_ups_code",
            "shop_id",
            "code_hash",
            unique=True,
            postgresql_where=text("fetched_at IS NULL"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders_orders.id"), primary_key=True)
    shop_id: Mapped[UUID]
    turn: Mapped[int]
    code_hash: Mapped[str]
    fetched_at: Mapped[datetime | None]


refuse_on(
    "uq_delivery_packages_order_id_carrier_number",
    409,
    "shipped_already",
    "这个运单已经登记过",
    "A parcel of this number has been entered for this order.",
    field="number",
)
