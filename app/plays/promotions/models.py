"""Tables of promotions: the promotion, its budget in parts, its uses, and the log of its states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import Refused, refuse_on, said
from app.core.ids import new_id
from app.plays.offers.models import WHOLE, OfferLine

DRAFT, RUNNING, PAUSED, ENDED = "draft", "running", "paused", "ended"
STATES = (DRAFT, RUNNING, PAUSED, ENDED)
NEXT_STATES = {DRAFT: (RUNNING, ENDED), RUNNING: (PAUSED, ENDED), PAUSED: (RUNNING, ENDED), ENDED: ()}
ONE = "one"
"""The group of whoever names none: of such promotions in one step only the best counts."""
SLOTS = 8
"""A budget that all draw on lies in so many parts, so that purchases at once need not wait for each other."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which goods a promotion is for: all of its shop (of all shops), or those named; never the excluded ones."""

    products: frozenset[UUID] = frozenset()
    categories: frozenset[UUID] = frozenset()
    shops: frozenset[UUID] = frozenset()
    excluded_products: frozenset[UUID] = frozenset()
    excluded_categories: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Scope":
        """The scope as a row keeps it."""
        return cls(**{name: frozenset(UUID(one) for one in ids) for name, ids in stored.items()})

    def stored(self) -> dict[str, list[str]]:
        """As `of` reads it; empty lists are left out."""
        names = ("products", "categories", "shops", "excluded_products", "excluded_categories")
        return {name: sorted(str(one) for one in getattr(self, name)) for name in names if getattr(self, name)}

    def covers(self, line: OfferLine) -> bool:
        if line.product_id in self.excluded_products or line.category_id in self.excluded_categories:
            return False
        if self.shops and line.shop_id not in self.shops:
            return False
        named = self.products or self.categories
        return not named or line.product_id in self.products or line.category_id in self.categories


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion as pricing knows it; amounts in 分, `shop_id` None for the platform's. `*_left`: None is no end."""

    id: UUID
    shop_id: UUID | None
    kind: str
    name: str
    terms: Mapping[str, Any]
    scope: Scope
    stack_group: str
    min_spend: int
    cap: int | None
    platform_share: int
    most_per_person: int | None
    most_per_day: int | None
    budget_left: int | None
    uses_left: int | None
    is_coupon: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether a person may use it only so often; then it is for people who are signed in."""
        return self.most_per_person is not None or self.most_per_day is not None

    @property
    def is_used_up(self) -> bool:
        return self.uses_left == 0 or self.budget_left == 0

    def covers(self, line: OfferLine) -> bool:
        return (self.shop_id is None or line.shop_id == self.shop_id) and self.scope.covers(line)


@dataclass(frozen=True, slots=True)
class PromotionWanted:
    """What a promotion shall be; see the columns of Promotion."""

    kind: str
    name: str
    terms: Mapping[str, Any]
    scope: Scope
    starts_at: datetime
    ends_at: datetime
    budget: int | None = None
    most_uses: int | None = None
    most_per_person: int | None = None
    most_per_day: int | None = None
    min_spend: int = 0
    cap: int | None = None
    stack_group: str = ONE
    platform_share: int = 0
    is_coupon: bool = False


class Promotion(Model):
    """An offer of a shop, or of the platform (`shop_id` None). Its rule is fixed once it has run.

    `budget` and `cap` (of one use) in 分; `platform_share` in ‱ of what it takes off. A coupon's rule is one too
    (`is_coupon`), and applies only to who has the coupon.
    """

    __tablename__ = "promotions_promotions"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'running', 'paused', 'ended')", name="state"),
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint(f"platform_share BETWEEN 0 AND {WHOLE}", name="platform_share"),
        CheckConstraint("shop_id IS NULL OR platform_share = 0", name="funder"),
        Index(
            "ix_promotions_promotions_running",
            "shop_id",
            "ends_at",
            postgresql_where=text("state = 'running' AND NOT is_coupon"),
        ),
        Index("ix_promotions_promotions_owner", "shop_id", "is_coupon", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID | None] = mapped_column(ForeignKey("shops_shops.id"))
    kind: Mapped[str]
    name: Mapped[str]
    terms: Mapped[dict[str, Any]]
    scope: Mapped[dict[str, Any]]
    is_coupon: Mapped[bool]
    stack_group: Mapped[str]
    min_spend: Mapped[int]
    cap: Mapped[int | None]
    budget: Mapped[int | None]
    most_uses: Mapped[int | None] = mapped_column(Integer)
    most_per_person: Mapped[int | None] = mapped_column(Integer)
    most_per_day: Mapped[int | None] = mapped_column(Integer)
    platform_share: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(default=DRAFT)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def require_next(self, state: str) -> None:
        """Raises Refused 409 for a state that does not follow on the present one."""
        if state not in NEXT_STATES[self.state]:
            zh, en = f"不能从 {self.state} 变为 {state}", f"It cannot go from {self.state} to {state}."
            raise Refused(409, "wrong_state", zh, en, errors={"state": [said(zh, en)]})


class PromotionSlot(Model):
    """A part of what is left of a promotion's budget and number of uses; None is no end. One without either has none.

    The checks are what keeps a budget: whatever a statement believes, less than nothing is refused.
    """

    __tablename__ = "promotions_slots"
    __table_args__ = (
        CheckConstraint("budget_left >= 0", name="budget"),
        CheckConstraint("uses_left >= 0", name="uses"),
    )

    promotion_id: Mapped[UUID] = mapped_column(ForeignKey("promotions_promotions.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    budget_left: Mapped[int | None]
    uses_left: Mapped[int | None] = mapped_column(Integer)


class PromotionUse(Model):
    """A purchase used a promotion: what it took off, and what is paid for the lines that it counted.

    `number`, and `day_number` among those of `day` in China, count a person's uses where they are limited: the unique
    keys refuse one too many, whoever else counts at the same time. `open_shops`: whose orders it was for and stand
    still; once none does, it is returned, and its numbers are free again. No foreign key to the promotion on purpose:
    each use would lock the row of one that all purchases use.
    """

    __tablename__ = "promotions_uses"
    __table_args__ = (
        UniqueConstraint("purchase_id", "promotion_id"),
        Index(
            "uq_promotions_uses_number",
            "promotion_id",
            "buyer_id",
            "number",
            unique=True,
            postgresql_where=text("returned_at IS NULL AND number IS NOT NULL"),
        ),
        Index(
            "uq_promotions_uses_day",
            "promotion_id",
            "buyer_id",
            "day",
            "day_number",
            unique=True,
            postgresql_where=text("returned_at IS NULL AND day_number IS NOT NULL"),
        ),
        Index("ix_promotions_uses_promotion", "promotion_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    promotion_id: Mapped[UUID]
    purchase_id: Mapped[UUID]
    buyer_kind: Mapped[str]
    buyer_id: Mapped[UUID]
    amount: Mapped[int]
    revenue: Mapped[int]
    open_shops: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    slot: Mapped[int | None] = mapped_column(SmallInteger)
    number: Mapped[int | None] = mapped_column(Integer)
    day: Mapped[date | None]
    day_number: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    returned_at: Mapped[datetime | None]


class PromotionLog(Model):
    """A change of a promotion: who, from what state to what, why. Never changed."""

    __tablename__ = "promotions_log"
    __table_args__ = (Index("ix_promotions_log_promotion", "promotion_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    promotion_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


_GONE = ("优惠已被领完，请重新确认金额", "An offer has just been used up: look at the new total.")
for _name in ("uq_promotions_uses_number", "uq_promotions_uses_day"):
    refuse_on(_name, 409, "offer_gone", *_GONE)
for _name in ("ck_promotions_slots_budget", "ck_promotions_slots_uses"):
    refuse_on(_name, 409, "offer_gone", *_GONE)
refuse_on("ck_promotions_promotions_window", 422, "invalid", "结束须晚于开始", "It ends before it starts.", "ends_at")


def offer_gone() -> Refused:
    """409 for an offer of which another took the last at the same moment."""
    return Refused(409, "offer_gone", *_GONE)
