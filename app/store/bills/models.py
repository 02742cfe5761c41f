"""Bills of shops, their log, and how often a shop wants them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import CHINA
from app.core.db import Model
from app.core.ids import new_id
from app.store.settlement.models import Amounts

WEEK, MONTH = "week", "month"
PERIODS = (WEEK, MONTH)
ISSUED, CONFIRMED, PAID = "issued", "confirmed", "paid"
STATES = (ISSUED, CONFIRMED, PAID)
CONFIRM_WITHIN = timedelta(days=3)
"""Who says nothing for so long has confirmed."""


class BillTerms(Model):
    """How often a shop gets a bill, and until when it has got all."""

    __tablename__ = "bills_shops"
    __table_args__ = (CheckConstraint("period IN ('week', 'month')", name="period"),)

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(server_default=WEEK)
    billed_until: Mapped[datetime | None]


class Bill(Amounts, Model):
    """All that was settled for a shop from `begins` until before `ends`, midnights of China: the sums of its entries.

    What is paid out of it is `to_settled`, where that is above 0.
    """

    __tablename__ = "bills_bills"
    __table_args__ = (
        UniqueConstraint("shop_id", "begins"),
        CheckConstraint("state IN ('issued', 'confirmed', 'paid')", name="state"),
        CheckConstraint("begins < ends", name="period"),
        CheckConstraint("(state = 'issued') = (confirmed_at IS NULL)", name="confirmed_at"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_at"),
        Index("ix_bills_bills_due", "confirm_by", postgresql_where=text("state = 'issued'")),
        Index("ix_bills_bills_to_pay", "shop_id", postgresql_where=text("state = 'confirmed'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID]
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    state: Mapped[str]
    entries: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirm_by: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]


class BillLog(Model):
    """One step of a bill: who, from what, to what, why."""

    __tablename__ = "bills_log"
    __table_args__ = (Index("ix_bills_log_bill", "bill_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills_bills.id"))
    who_kind: Mapped[str]
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def period_around(moment: datetime, period: str) -> tuple[datetime, datetime]:
    """When the week (from Monday on) or month of China began in which a moment lies, and when the next one begins."""
    day = moment.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == WEEK:
        begins = day - timedelta(days=day.weekday())
        return begins, begins + timedelta(days=7)
    begins = day.replace(day=1)
    return begins, (begins + timedelta(days=32)).replace(day=1)
