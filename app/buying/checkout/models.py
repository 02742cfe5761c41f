"""Tables of checkout: the checkout, its lines, and the log of its states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.buying.baskets.models import LineWanted
from app.core.caller import Caller, Ref
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.store.inventory.models import HeldFor, held_for
from app.store.orders.models import MALL

MOST_LINES = 50
"""Of one checkout, and so of one purchase."""
OPEN, PURCHASED, RELEASED = "open", "purchased", "released"
IS_OPEN = text("state = 'open'")


class Checkout(Model):
    """Goods held for one buyer until `expires_at`; then purchased, or released with the stock given back.

    `pick_ups`: the ids of shops whose goods he fetches, and of the warehouse where. `channel`: where he came from.
    """

    __tablename__ = "checkout_checkouts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'purchased', 'released')", name="state"),
        CheckConstraint("buyer_kind IN ('person', 'guest')", name="buyer_kind"),
        Index("ix_checkout_checkouts_buyer", "buyer_kind", "buyer_id", "created_at", postgresql_where=IS_OPEN),
        Index("ix_checkout_checkouts_due", "expires_at", postgresql_where=IS_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    buyer_kind: Mapped[str]
    buyer_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default=OPEN)
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[str] = mapped_column(server_default="")
    offers: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    invoice: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    pick_ups: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    channel: Mapped[str] = mapped_column(server_default=MALL)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_over = False
    """Of one that was read: whether its deadline had passed, by the database's clock."""

    @property
    def buyer(self) -> Ref:
        return Ref(self.buyer_kind, self.buyer_id)


class Opener(NamedTuple):
    """Who opens a checkout: the buyer, who is behind what is held for him, and the channel by which he came.

    `is_new`: a guest made this moment, who cannot have other checkouts.
    """

    buyer: Ref
    held_for: HeldFor
    is_new: bool = False
    channel: str = MALL


def opener(caller: Caller, buyer: Ref | None = None, channel: str = MALL) -> Opener:
    """The caller as he opens a checkout; `buyer` is the guest that a stranger became by this request."""
    who = buyer or caller.buyer
    return Opener(who, held_for(caller)._replace(buyer_id=who.id), is_new=caller.ref is None, channel=channel)


def holder(checkout_id: UUID) -> Ref:
    """How inventory knows who holds the goods of a checkout."""
    return Ref("checkout", checkout_id)


class CheckoutLine(Model):
    """So many of one SKU, and the code of the link that the buyer names for it."""

    __tablename__ = "checkout_lines"
    __table_args__ = (
        UniqueConstraint("checkout_id", "position"),
        CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("checkout_checkouts.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    product_id: Mapped[UUID]
    sku_id: Mapped[UUID]
    quantity: Mapped[int] = mapped_column(SmallInteger)
    link_code: Mapped[str | None]
    cart_line_id: Mapped[UUID | None]


class CheckoutLog(Model):
    """One change of a checkout's state: who did it and why. Never changed."""

    __tablename__ = "checkout_log"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("checkout_checkouts.id"), index=True)
    who_kind: Mapped[str]
    who_id: Mapped[UUID | None]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class Changes:
    """What a buyer changes of a checkout; None leaves it as it is. `lines` replaces all lines; `address_id` is one of
    his address book; `invoice` is checked already, {} asks for none any more; `pick_ups` says for shops at which of
    their warehouses he fetches their goods, those of all others are sent."""

    address: dict[str, str] | None = None
    note: str | None = None
    offers: Sequence[str] | None = None
    lines: Sequence[LineWanted] | None = None
    address_id: UUID | None = None
    invoice: dict[str, Any] | None = None
    pick_ups: Mapping[UUID, UUID] | None = None


_MADE = ("页面已过期，请刷新后重试", "This page is out of date: reload it and try again.")
refuse_on("pk_checkout_checkouts", 409, "made_already", *_MADE)
