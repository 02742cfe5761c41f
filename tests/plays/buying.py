"""Buying in tests of promotions and coupons."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.buying.checkout import queries
from app.buying.checkout.actions import change_checkout
from app.buying.checkout.models import Changes, Checkout
from app.buying.placing.actions import purchase
from app.core.db import db, in_transaction
from app.plays.promotions.models import PromotionSlot, PromotionUse
from app.store.orders.models import PlacedPurchase
from tests.make.checkout import MadeCheckout


def with_offers(made: MadeCheckout, codes: Sequence[str]) -> int:
    """Name these codes in a checkout; answers what it costs then."""
    changes = Changes(offers=codes)
    return in_transaction(lambda: change_checkout(made.caller, made.id, changes)[1].total)


def total_of(made: MadeCheckout) -> int:
    """What a checkout costs now."""
    return queries.basket_of(db.session.get_one(Checkout, made.id, populate_existing=True)).total


def bought(made: MadeCheckout, expected: int | None = None) -> PlacedPurchase:
    return in_transaction(lambda: purchase(made.caller, made.id, expected))


def left(promotion_id: UUID) -> tuple[int, int]:
    """(budget, uses) left in all slots together."""
    mine = select(PromotionSlot).where(PromotionSlot.promotion_id == promotion_id)
    rows = db.session.scalars(mine.execution_options(populate_existing=True)).all()
    return sum(row.budget_left or 0 for row in rows), sum(row.uses_left or 0 for row in rows)


def uses_of(promotion_id: UUID) -> list[tuple[int, int | None, bool]]:
    """(amount, number, whether it stands) of the uses of a promotion, oldest first."""
    mine = select(PromotionUse).where(PromotionUse.promotion_id == promotion_id)
    rows = db.session.scalars(mine.order_by(PromotionUse.at).execution_options(populate_existing=True))
    return [(row.amount, row.number, row.returned_at is None) for row in rows]
