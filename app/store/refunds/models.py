"""What goes back of an order: a grant, and its shares by line and by who gets them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

BUYER = "buyer"


@dataclass(frozen=True, slots=True)
class Back:
    """So many units of a line, moved as `kind` (fulfilment.models.MOVES), and the 分 that their buyer gets for them.

    `amount` None: all that was paid for these units. Given, it may be less; for PAY, of no units, it must be given.
    Less for units that their buyer keeps (REFUND) is a compensation: the money goes back, and the units stay bought.
    """

    line_id: UUID
    kind: str
    units: int = 0
    amount: int | None = None


class Grant(Model):
    """Money of one order that goes back: `amount` 分 to its buyer, `freight` of them for the freight.

    A subject (a cancellation, an after-sales case) has one; so none is granted twice.
    """

    __tablename__ = "refunds_grants"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id"),
        CheckConstraint("freight BETWEEN 0 AND amount", name="amount"),
        Index("ix_refunds_grants_order", "order_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    amount: Mapped[int]
    freight: Mapped[int]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_refunds.id"))
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Share(Model):
    """A part of a grant, never changed: for so many units of a line (none: the freight), to the buyer or a funder.
    `withheld`: what of these units, which count as refunded, goes back to him no more."""

    __tablename__ = "refunds_shares"
    __table_args__ = (
        CheckConstraint("amount >= 0 AND units >= 0", name="amount"),
        CheckConstraint("withheld >= 0", name="withheld"),
        Index("ix_refunds_shares_order", "order_id"),
        Index("ix_refunds_shares_grant", "grant_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("refunds_grants.id"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders_lines.id"))
    units: Mapped[int]
    holder: Mapped[str]
    amount: Mapped[int]
    withheld: Mapped[int] = mapped_column(server_default=text("0"))
