"""Payments, the callbacks that providers sent about them, and refunds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import money
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

PENDING, PAID, FAILED = "pending", "paid", "failed"
DUE, SENT, DONE = "due", "sent", "done"


class Payment(Model):
    """One attempt to pay a payable. A failed one may still turn out paid; a paid one stays paid."""

    __tablename__ = "payments_payments"
    __table_args__ = (
        UniqueConstraint("payable_kind", "payable_id", "attempt"),
        CheckConstraint("state IN ('pending', 'paid', 'failed')", name="state"),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_payments_payments_payer", "payer_kind", "payer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payable_kind: Mapped[str]
    payable_id: Mapped[UUID]
    attempt: Mapped[int]
    payer_kind: Mapped[str]
    payer_id: Mapped[UUID]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(default=money.CURRENCY)
    gateway: Mapped[str]
    state: Mapped[str] = mapped_column(default=PENDING)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]


class Callback(Model):
    """What a provider told us, kept before anything is done about it. `payment_id` is what it said, so no foreign key.

    `result` says what came of it once `settled_at` is set: "paid", "failed", "no_change", or why it was refused
    ("wrong_amount", "unknown_payment"). A refused one is written over when its event is told anew with other content.
    """

    __tablename__ = "payments_callbacks"
    __table_args__ = (
        UniqueConstraint("gateway", "event_id"),
        CheckConstraint("outcome IN ('paid', 'failed')", name="outcome"),
        CheckConstraint("(settled_at IS NULL) = (result IS NULL)", name="result"),
        Index("ix_payments_callbacks_due", "next_try_at", postgresql_where=text("settled_at IS NULL")),
        Index("ix_payments_callbacks_payment", "payment_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    gateway: Mapped[str]
    event_id: Mapped[str]
    payment_id: Mapped[UUID]
    outcome: Mapped[str]
    amount: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]
    result: Mapped[str | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now() + interval '2 seconds'"))


class Refund(Model):
    """Money of a payment that must go back; one for each reason."""

    __tablename__ = "payments_refunds"
    __table_args__ = (
        UniqueConstraint("payment_id", "reason"),
        CheckConstraint("state IN ('due', 'sent', 'done')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payments_refunds_due", "created_at", postgresql_where=text("state = 'due'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payments.id"))
    amount: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=DUE)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "uq_payments_payments_payable_kind_payable_id_attempt",
    409,
    "payment_in_progress",
    "另一次支付正在发起，请重试",
    "Another payment of this is being started: try again.",
)
