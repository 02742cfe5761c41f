"""Tables of coupons: batches, the coupons that people have, single-use codes, and the log of their states."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.auth import hash_of
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.plays.promotions.models import Rule

PREFIX = "coupon:"
"""A coupon of one's own is named at checkout by this and its id; any other code is a word that shops give out."""
UNUSED, USED, EXPIRED = "unused", "used", "expired"
USABLE = "usable"
SHOWN_STATES = (USABLE, USED, EXPIRED)
CLAIMED, GIVEN = "claimed", "given"
MOST_CODES_AT_ONCE = 1_000
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class BatchWanted:
    """How a batch of coupons gets to people: `quantity` in all, `per_person` each; by being claimed (`is_claimable`,
    between two times), given, or by a public `code`. A claimed coupon holds `valid_days`, None: as its promotion."""

    quantity: int | None = None
    per_person: int = 1
    is_claimable: bool = True
    claim_from: datetime | None = None
    claim_until: datetime | None = None
    valid_days: int | None = None
    code: str | None = None


class CouponBatch(Model):
    """The coupons of one promotion, whose id it has. `claimed` never exceeds `quantity`: the check refuses it."""

    __tablename__ = "coupons_batches"
    __table_args__ = (
        CheckConstraint("claimed BETWEEN 0 AND quantity", name="claimed"),
        CheckConstraint("per_person > 0", name="per_person"),
        Index(
            "uq_coupons_batches_shop_code",
            "shop_id",
            "code_key",
            unique=True,
            postgresql_where=text("shop_id IS NOT NULL"),
        ),
        Index("uq_coupons_batches_code", "code_key", unique=True, postgresql_where=text("shop_id IS NULL")),
        Index("ix_coupons_batches_claimable", "shop_id", "id", postgresql_where=text("is_claimable")),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("promotions_promotions.id"), primary_key=True)
    shop_id: Mapped[UUID | None]
    quantity: Mapped[int | None] = mapped_column(Integer)
    claimed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    per_person: Mapped[int] = mapped_column(Integer)
    is_claimable: Mapped[bool]
    claim_from: Mapped[datetime | None]
    claim_until: Mapped[datetime | None]
    valid_days: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str | None]
    code_key: Mapped[str | None]


class Coupon(Model):
    """A coupon that a person has: his `number`th of the batch. `unused` becomes `used` with its purchase, and unused
    again if nothing is left of that; past `valid_until` it has expired, whatever its row says."""

    __tablename__ = "coupons_coupons"
    __table_args__ = (
        UniqueConstraint("batch_id", "person_id", "number"),
        CheckConstraint("state IN ('unused', 'used')", name="state"),
        CheckConstraint("(state = 'used') = (purchase_id IS NOT NULL)", name="purchase"),
        Index("ix_coupons_coupons_person", "person_id", "at", "id"),
        Index("ix_coupons_coupons_purchase", "purchase_id", postgresql_where=text("purchase_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("coupons_batches.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    how: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=UNUSED)
    valid_until: Mapped[datetime]
    purchase_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class CouponCode(Model):
    """A code that works once. Only its hash is kept: who reads the table has no coupon."""

    __tablename__ = "coupons_codes"
    __table_args__ = (
        Index("ix_coupons_codes_batch", "batch_id"),
        Index("ix_coupons_codes_purchase", "purchase_id", postgresql_where=text("purchase_id IS NOT NULL")),
    )

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("coupons_batches.id"))
    purchase_id: Mapped[UUID | None]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CouponLog(Model):
    """A change of a coupon's state, and the purchase that it was for. Never changed."""

    __tablename__ = "coupons_log"
    __table_args__ = (Index("ix_coupons_log_coupon", "coupon_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    coupon_id: Mapped[UUID]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    purchase_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that applies because the buyer has something: a coupon of his own, or a code."""

    rule: Rule
    coupon_id: UUID | None = None
    code_hash: bytes | None = None


def new_codes(count: int) -> list[str]:
    """Codes of 80 random bits, in letters that are not mistaken for each other."""
    return ["".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(count)]


def key_of(code: str) -> str:
    """A code as it is compared: neither case nor blanks nor dashes matter."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def hashes_of(codes: Sequence[str]) -> dict[bytes, str]:
    """The codes by the hashes under which single-use ones are kept."""
    return {hash_of(key_of(code)): code for code in codes}


refuse_on("uq_coupons_coupons_batch_id_person_id_number", 409, "claimed_already", "你已领过了", "You have it already.")
refuse_on("ck_coupons_batches_claimed", 409, "all_claimed", "已经领完了", "All of them are claimed.")
for _name in ("uq_coupons_batches_shop_code", "uq_coupons_batches_code"):
    refuse_on(_name, 422, "invalid", "这个优惠码已被使用", "This code is taken.", "code")
