"""What is done to reviews. A product's counts move with them, in the same transaction."""

from uuid import UUID

from sqlalchemy import delete, select

from app.core import counters
from app.core.db import db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit
from app.store.reviews.events import ReviewChanged, ReviewWithdrawn, ReviewWritten
from app.store.reviews.models import REVIEWS, STARS, Review
from app.store.reviews.queries import is_reviewable


def write_review(line_id: UUID, author_id: UUID, product_id: UUID, rating: int, text: str) -> Review:
    """Review a paid line of one's own (reviews.queries.reviewable_line finds it).

    Raises Refused: 409 for a line that is another's, of another product, unpaid or reviewed; 422 for a wrong rating.
    """
    _check_rating(rating)
    if not is_reviewable(line_id, author_id, product_id):
        raise Refused(
            409, "not_reviewable", "只能评价自己买过且未评价的商品", "Only your own purchases, and each once."
        )
    review = Review(line_id=line_id, author_id=author_id, product_id=product_id, rating=rating, text=text)
    db.session.add(review)
    db.session.flush()
    counters.add_many([(product_id, REVIEWS, 1), (product_id, STARS, rating)])
    emit(ReviewWritten(review.id, product_id))
    return review


def change_review(review_id: UUID, rating: int | None = None, text: str | None = None) -> Review:
    """Change what is not None. Raises Refused 404, 422 for a wrong rating."""
    wanted = select(Review).where(Review.id == review_id).with_for_update().execution_options(populate_existing=True)
    review = db.session.scalar(wanted)
    if review is None:
        raise missing("没有这条评价", "There is no such review.")
    if text is not None:
        review.text = text
    if rating is not None and rating != review.rating:
        _check_rating(rating)
        counters.add(review.product_id, STARS, rating - review.rating)
        review.rating = rating
    db.session.flush()
    emit(ReviewChanged(review.id, review.product_id))
    return review


def withdraw_review(review_id: UUID) -> bool:
    """Take a review back; its line may be reviewed again. False if it was gone already."""
    gone = delete(Review).where(Review.id == review_id).returning(Review.product_id, Review.rating)
    row = db.session.execute(gone).first()
    if row is None:
        return False
    counters.add_many([(row.product_id, REVIEWS, -1), (row.product_id, STARS, -row.rating)])
    emit(ReviewWithdrawn(review_id, row.product_id))
    return True


def _check_rating(rating: int) -> None:
    if not 1 <= rating <= 5:
        raise bad_field("rating", "须为 1 到 5 星", "Must be 1 to 5 stars.")
