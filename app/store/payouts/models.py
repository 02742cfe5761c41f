"""Payees, batches and payouts. Account numbers are sealed (core/sealing, SEALED_FOR)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import act
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

SEALED_FOR = "payees"
HOLD_AFTER_CHANGE = timedelta(hours=24)
"""So long nothing is paid to a payee who was just entered or changed: who stole a session has no use of it."""
MOST_SHOPS, MOST_ROUNDS = 200, 5
"""In one batch."""
MADE, APPROVED, REJECTED = "made", "approved", "rejected"
BATCH_STATES = (MADE, APPROVED, REJECTED)
WAITING, SENT, DONE, FAILED = "waiting", "sent", "done", "failed"
PAYOUT_STATES = (WAITING, SENT, DONE, FAILED)
MAKE = act("payout_made", "生成打款批次", "Made a batch of payouts")
APPROVE = act("payout_approved", "批准打款批次", "Approved a batch of payouts")
REJECT = act("payout_rejected", "驳回打款批次", "Rejected a batch of payouts")


class Payee(Model):
    """Who gets the money of a shop, and how. `account`: sealed; `ends_with`: its last four signs, for people."""

    __tablename__ = "payouts_payees"

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    name: Mapped[str]
    bank: Mapped[str]
    account: Mapped[bytes] = mapped_column(LargeBinary)
    ends_with: Mapped[str]
    hold_until: Mapped[datetime]


class PayeeLog(Model):
    """One change of a payee: who, what it was, what it is; of account numbers the last four signs."""

    __tablename__ = "payouts_payees_log"
    __table_args__ = (Index("ix_payouts_payees_log_shop", "shop_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    shop_id: Mapped[UUID]
    who_id: Mapped[UUID]
    before: Mapped[str]
    after: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class PayoutBatch(Model):
    """Payouts by one channel that are made, and approved or rejected, together: by two different people."""

    __tablename__ = "payouts_batches"
    __table_args__ = (
        CheckConstraint("state IN ('made', 'approved', 'rejected')", name="state"),
        CheckConstraint("(state = 'made') = (decided_by IS NULL)", name="decided"),
        CheckConstraint("state <> 'approved' OR decided_by <> made_by", name="two_people"),
        Index("ix_payouts_batches_made_at", "made_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default=MADE)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(server_default="")


class ShopPayout(Model):
    """Money for one shop, to the payee of the moment in which it was made. Its id is its number at the channel, the
    same at each try, so that it is paid once.

    `waiting` for its batch to be approved and its channel to be asked, `sent` from then on, then `done` or `failed`.
    """

    __tablename__ = "payouts_payouts"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'done', 'failed')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_payouts_payouts_batch", "batch_id", "id"),
        Index("ix_payouts_payouts_shop", "shop_id", "id"),
        Index("ix_payouts_payouts_next", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("payouts_batches.id"))
    shop_id: Mapped[UUID]
    amount: Mapped[int]
    state: Mapped[str] = mapped_column(default=WAITING)
    name: Mapped[str]
    bank: Mapped[str]
    account: Mapped[bytes] = mapped_column(LargeBinary)
    ends_with: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    ended_at: Mapped[datetime | None]


class PayoutBill(Model):
    """A bill that a payout pays; free again if that fails."""

    __tablename__ = "payouts_bills"
    __table_args__ = (Index("ix_payouts_bills_payout", "payout_id"),)

    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills_bills.id"), primary_key=True)
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts_payouts.id"))


class SharingBook(Model):
    """The books of the profit-sharing sandbox: what it was asked, by the request's number, and what it answered."""

    __tablename__ = "payouts_sandbox"

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    receiver: Mapped[str]
    amount: Mapped[int]
    outcome: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on("pk_payouts_bills", 409, "already_in_payout", "账单已在另一批打款中", "A bill is in another batch already.")
refuse_on("ck_payouts_batches_two_people", 409, "same_person", "须由另一位管理员批准", "Another admin must approve it.")
