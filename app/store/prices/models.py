"""The history of prices, and the rules that are read from it. Goods are opaque ids (sku_id).

Two laws stand behind the rules. A price that is struck through must be one that was really asked (价格法, article 14),
and without a word to the contrary it is the lowest of the seven days before the reduction, or if nothing was sold
then, the last one (明码标价和禁止价格欺诈规定, 2022, article 16). The EU asks for the lowest of the thirty days before
(Directive 98/6/EC, article 6a), which is shown beside it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

WINDOW = timedelta(days=30)
"""So far back the lowest price is looked for, and a list price must have been asked."""
BASE = timedelta(days=7)
"""In so long before a reduction nobody was asked less than the list price."""
LEAST = timedelta(hours=24)
"""A list price was asked for at least so long: what stood there for a minute was no price."""


class Price(Model):
    """What a variant cost from then until then (None: still); `is_offered`: it was on sale then.

    `by_id` is the person who set it, None for an import or a sweep.
    """

    __tablename__ = "prices_prices"
    __table_args__ = (
        CheckConstraint("until_at >= from_at", name="span"),
        Index("ix_prices_prices_sku", "sku_id", "from_at"),
        Index("uq_prices_prices_open", "sku_id", unique=True, postgresql_where=text("until_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    sku_id: Mapped[UUID]
    price: Mapped[int]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    is_offered: Mapped[bool]
    by_id: Mapped[UUID | None]


class Span(NamedTuple):
    """A price of a variant, in 分, from then until then (None: still)."""

    price: int
    from_at: datetime
    until_at: datetime | None
    is_offered: bool

    def ends(self, now: datetime) -> datetime:
        return now if self.until_at is None else min(self.until_at, now)


class Lowest(NamedTuple):
    """The lowest price of the last thirty days in 分, and until when it stays that (None: while the price stays)."""

    price: int
    until: datetime | None


def lowest_of(spans: Sequence[Span], price: int, now: datetime) -> Lowest:
    """The lowest of what was asked within WINDOW and `price`, which is asked now."""
    asked = [one for one in spans if one.is_offered and one.ends(now) > now - WINDOW and one.price < price]
    if not asked:
        return Lowest(price, None)
    lowest = min(one.price for one in asked)
    return Lowest(lowest, max(one.ends(now) for one in asked if one.price == lowest) + WINDOW)


def true_list_prices(spans: Sequence[Span], price: int, now: datetime) -> dict[int, datetime]:
    """Which list prices are true beside `price`, each with the moment from which it is not any more.

    `spans` are in the order of time. A list price is above the price; it was asked for at least LEAST within the last
    WINDOW; and in the BASE before the present price began nobody was asked less.
    """
    began = _began(spans, price, now)
    base = _base(spans, began)
    if base is None:
        return {}
    candidates = {one.price for one in spans if one.is_offered and price < one.price <= base and one.from_at < began}
    ends = {one: _true_until(spans, one, now) for one in candidates}
    return {one: until for one, until in ends.items() if until is not None and until > now}


def _began(spans: Sequence[Span], price: int, now: datetime) -> datetime:
    """When the present price began; now, if it is only just being set."""
    began = now
    for one in reversed(spans):
        if one.price != price:
            break
        began = one.from_at
    return began


def _base(spans: Sequence[Span], began: datetime) -> int | None:
    """The lowest that was asked in the BASE before then; if nothing was on sale, what was asked last before it."""
    before = [one for one in spans if one.is_offered and one.from_at < began]
    recent = [one.price for one in before if one.ends(began) > began - BASE]
    return min(recent) if recent else before[-1].price if before else None


def _true_until(spans: Sequence[Span], price: int, now: datetime) -> datetime | None:
    """Until when this price will have been asked for LEAST within a WINDOW; None if it was not asked for so long."""
    lacking = LEAST
    for one in reversed(spans):
        if one.is_offered and one.price == price:
            length = one.ends(now) - one.from_at
            if length >= lacking:
                return one.ends(now) - lacking + WINDOW
            lacking -= length
    return None
