"""Vouchers: the terms of a service, its slots, the vouchers of paid lines, and what became of each."""

import secrets
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.clock import CHINA
from app.core.db import Model
from app.core.ids import new_id

UNUSED, USED, VOID, EXPIRED = "unused", "used", "void", "expired"
VOUCHER_STATES = (UNUSED, USED, VOID, EXPIRED)
"""Not had yet; had; refunded; not had in time."""
CODE_DIGITS = 12
UNDO_SECONDS = 600
LONGEST_DAYS, MOST_DATES, MOST_CAPACITY, MOST_SLOTS = 3650, 400, 10_000, 200
USUAL_DAYS = 90
"""A service without terms is had within so many days."""


class Issue(NamedTuple):
    """What a paid line of a service is of, as the order froze it."""

    sku_id: UUID
    product_id: UUID
    shop_id: UUID
    title: str
    sku_name: str


class VoucherTerms(Model):
    """When a service may be had: between two times, or within so many days after it was paid (the earlier end counts).

    Not on `weekdays` (1 Monday to 7 Sunday) nor on `dates` ("2026-10-01"), by the calendar of China. `needs_booking`:
    on the day of a slot that was booked.
    """

    __tablename__ = "vouchers_terms"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="times"),
        CheckConstraint(f"days BETWEEN 1 AND {LONGEST_DAYS}", name="days"),
        CheckConstraint("days IS NOT NULL OR valid_until IS NOT NULL", name="end"),
    )

    sku_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_skus.id"), primary_key=True)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    days: Mapped[int | None]
    weekdays: Mapped[list[Any]]
    dates: Mapped[list[Any]]
    needs_booking: Mapped[bool]


class Slot(Model):
    """A time at which a service is had, by at most `capacity` vouchers. `booked` never passes it."""

    __tablename__ = "vouchers_slots"
    __table_args__ = (
        UniqueConstraint("sku_id", "starts_at"),
        CheckConstraint("booked BETWEEN 0 AND capacity", name="booked"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_skus.id"))
    starts_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int]


class Voucher(Model):
    """One unit of a paid line: who shows `code` at the counter has it. The terms are those of the day it was paid."""

    __tablename__ = "vouchers_vouchers"
    __table_args__ = (
        UniqueConstraint("line_id", "unit"),
        UniqueConstraint("code"),
        CheckConstraint("state IN ('unused', 'used', 'void', 'expired')", name="state"),
        Index("ix_vouchers_vouchers_owner", "owner_id", "created_at", "id"),
        Index("ix_vouchers_vouchers_due", "valid_until", postgresql_where=text("state = 'unused'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    line_id: Mapped[UUID]
    unit: Mapped[int]
    sku_id: Mapped[UUID]
    product_id: Mapped[UUID]
    shop_id: Mapped[UUID]
    title: Mapped[str]
    sku_name: Mapped[str]
    owner_kind: Mapped[str]
    owner_id: Mapped[UUID]
    code: Mapped[str]
    state: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    weekdays: Mapped[list[Any]]
    dates: Mapped[list[Any]]
    needs_booking: Mapped[bool]
    slot_id: Mapped[UUID | None] = mapped_column(ForeignKey("vouchers_slots.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def owner(self) -> Ref:
        return Ref(self.owner_kind, self.owner_id)

    @property
    def spaced_code(self) -> str:
        """As people read it: "1234 5678 9012"."""
        return " ".join(self.code[place : place + 4] for place in range(0, CODE_DIGITS, 4))


class Redemption(Model):
    """A voucher was had at the counter; within UNDO_SECONDS it can be undone there."""

    __tablename__ = "vouchers_redemptions"
    __table_args__ = (Index("ix_vouchers_redemptions_shop", "shop_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("vouchers_vouchers.id"), index=True)
    shop_id: Mapped[UUID]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]


class VoucherLog(Model):
    """A change of a voucher's state: who, from what, to what, why."""

    __tablename__ = "vouchers_log"
    __table_args__ = (Index("ix_vouchers_log_voucher", "voucher_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    voucher_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def new_code() -> str:
    """Twelve digits that nobody guesses: of a thousand million vouchers a try hits one in a thousand times."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def allows(terms: VoucherTerms | Voucher, moment: datetime) -> bool:
    """Whether a service is had at that moment by these terms, or by those of this voucher."""
    begins = terms.valid_from is None or terms.valid_from <= moment
    is_over = terms.valid_until is not None and terms.valid_until <= moment
    return begins and not is_over and not is_day_off(moment, terms.weekdays, terms.dates)


def is_day_off(moment: datetime, weekdays: list[Any], dates: list[Any]) -> bool:
    """Whether a service is not had on that day of China."""
    day: date = moment.astimezone(CHINA).date()
    return day.isoweekday() in weekdays or day.isoformat() in dates
