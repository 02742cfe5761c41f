"""What reviews hear: their own votes, and rows that processes of the version before write."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from app.core import counters
from app.core.db import db
from app.core.events import on
from app.store.orders.models import OrderLine
from app.store.reviews.events import ReviewHelped, ReviewWritten
from app.store.reviews.models import HelpfulVote, Review, rated
from app.store.reviews.queries import is_taken_down


@on(ReviewHelped)
def sort_by_votes(facts: Sequence[ReviewHelped]) -> None:
    """What reviews are sorted by becomes their exact count of votes, some moments later."""
    votes = select(func.count()).where(HelpfulVote.review_id == Review.id).scalar_subquery()
    for one in sorted({fact.review_id for fact in facts}):
        db.session.execute(update(Review).where(Review.id == one).values(helped=votes))


@on(ReviewWritten)
def fill_shops(facts: Sequence[ReviewWritten]) -> None:
    """Reviews from before there were shops beside them get theirs, and are counted by stars."""
    shop = select(OrderLine.shop_id).where(OrderLine.id == Review.line_id).scalar_subquery()
    ids = {fact.review_id for fact in facts}
    filled = update(Review).where(Review.id.in_(ids), Review.shop_id.is_(None)).values(shop_id=shop)
    rows = db.session.execute(filled.returning(Review.id, Review.product_id, Review.rating)).all()
    counters.add_many([(row.product_id, rated(row.rating), 1) for row in rows if not is_taken_down(row.id)])
