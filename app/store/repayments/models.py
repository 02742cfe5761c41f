"""Refunds: money of a payment that must go back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

DUE, SENT, DONE, FAILED = "due", "sent", "done", "failed"


class Refund(Model):
    """Money of a payment that must go back; one for each reason. Its id is the number it has at the provider, so that
    it is paid once however often it is asked for.

    `due`, `sent` from when the provider was first asked, then `done` or `failed`. Tried (again) at `next_try_at`; none
    set: by an operator only.
    """

    __tablename__ = "payments_refunds"  # from before this room was its own
    __table_args__ = (
        UniqueConstraint("payment_id", "reason"),
        CheckConstraint("state IN ('due', 'sent', 'done', 'failed')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payments_refunds_next", "next_try_at", postgresql_where=text("state <> 'done'")),
        Index("ix_payments_refunds_failed", "id", postgresql_where=text("state = 'failed'")),
        Index("ix_payments_refunds_done", "done_at", "id", postgresql_where=text("state = 'done'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payments.id"))
    amount: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=DUE)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    reference: Mapped[str | None]
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]
