"""Deposits of shops, what was paid into them, penalties and appeals. Amounts in 分.

`held` and `owed` follow from the rows below and move with the journals, in one transaction: they are here so that a
penalty is one conditional look at one locked row.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

PAYABLE = "deposit"
"""The kind under which a top-up is paid."""
ENOUGH, SHORT, OWING = "enough", "short", "owing"
WAITING, PAID = "waiting", "paid"
STANDING, RETURNED = "standing", "returned"
OPEN, GRANTED, REFUSED = "open", "granted", "refused"
LEAST_TOP_UP = 100
LONGEST_REASON, LONGEST_TEXT = 60, 1000
PENALTY = audit.act("penalty", "扣除了保证金", "took a penalty")
APPEAL_GRANTED = audit.act("penalty_returned", "同意申诉并退回", "granted an appeal")
APPEAL_REFUSED = audit.act("penalty_upheld", "驳回了申诉", "refused an appeal")
REQUIREMENT = audit.act("deposit_required", "设定了应缴保证金", "set what deposit is required")


class Deposit(Model):
    """A shop's deposit: `held` by us now, `owed` of penalties that it did not cover, `required` of this shop (None:
    what SHOP_DEPOSIT says). `short_since`: since when there is too little."""

    __tablename__ = "deposits_deposits"
    __table_args__ = (CheckConstraint("held >= 0 AND owed >= 0 AND required >= 0", name="amounts"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    held: Mapped[int] = mapped_column(server_default=text("0"))
    owed: Mapped[int] = mapped_column(server_default=text("0"))
    required: Mapped[int | None]
    short_since: Mapped[datetime | None]


class TopUp(Model):
    """Money that somebody of a shop means to pay into its deposit; it is once it is PAID."""

    __tablename__ = "deposits_top_ups"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state IN ('waiting', 'paid')", name="state"),
        Index("ix_deposits_top_ups_shop", "shop_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    person_id: Mapped[UUID]
    amount: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    paid_at: Mapped[datetime | None]


class DepositWithdrawal(Model):
    """What somebody of the shop took out of what was above the required deposit; it stands in the next bill."""

    __tablename__ = "deposits_withdrawals"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), index=True)
    person_id: Mapped[UUID]
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Penalty(Model):
    """What a shop must pay for something, once for each reason and thing; `taken` of it so far. RETURNED after an
    appeal that was granted."""

    __tablename__ = "deposits_penalties"
    __table_args__ = (
        UniqueConstraint("shop_id", "reason", "about_kind", "about_id"),
        CheckConstraint("amount > 0 AND taken BETWEEN 0 AND amount", name="amounts"),
        CheckConstraint("state IN ('standing', 'returned')", name="state"),
        Index("ix_deposits_penalties_shop", "shop_id", "at", "id"),
        Index(
            "ix_deposits_penalties_owed",
            "shop_id",
            "id",
            postgresql_where=text("state = 'standing' AND taken < amount"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    amount: Mapped[int]
    taken: Mapped[int]
    reason: Mapped[str]
    about_kind: Mapped[str]
    about_id: Mapped[UUID]
    by_id: Mapped[UUID | None]
    state: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Taking(Model):
    """A part of a penalty that was taken from the deposit; the journal "penalty" is about it."""

    __tablename__ = "deposits_takings"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    penalty_id: Mapped[UUID] = mapped_column(ForeignKey("deposits_penalties.id"), index=True)
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Appeal(Model):
    """A shop says that a penalty is wrong; once. Staff decide, and say why."""

    __tablename__ = "deposits_appeals"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'granted', 'refused')", name="state"),
        Index("ix_deposits_appeals_open", "at", "id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    penalty_id: Mapped[UUID] = mapped_column(ForeignKey("deposits_penalties.id"), unique=True)
    by_id: Mapped[UUID]
    words: Mapped[str]
    state: Mapped[str]
    answer: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[datetime | None]


refuse_on(
    "uq_deposits_appeals_penalty_id", 409, "appealed_already", "已经申诉过", "This penalty has been appealed already."
)
