"""Reviews of bought goods, and what stands with them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.db import Model
from app.core.errors import bad_field, refuse_on
from app.core.ids import new_id

REVIEWS, STARS, PICTURED = "reviews", "stars", "reviews_pictured"
"""Counts of a product (core/counters): how many reviews, all their stars together, and those with pictures."""
HELPFUL = "helpful"
"""A count of a review: who finds it helpful."""
MOST_STARS = 5
MOST_PICTURES = 9
FOLLOW_UP_WITHIN = timedelta(days=180)
EDIT_WITHIN = timedelta(days=30)
"""So long after it was written its author may change a review."""


def check_rating(stars: int) -> None:
    """Raises Refused 422."""
    if not 1 <= stars <= MOST_STARS:
        raise bad_field("rating", "须为 1 到 5 星", "Must be 1 to 5 stars.")


def rated(stars: int) -> str:
    """The count of a product's reviews with so many stars."""
    return f"reviews_{stars}"


class Review(Model):
    """What a person says of goods that he bought: that order line's only review.

    `shop_id`: who sold them; None until the worker has filled it, in a row that was written by a process of before.
    `helped`: how many find it helpful, for sorting; the worker brings it up to the exact count. `edited_at`: when
    it was last changed.
    """

    __tablename__ = "reviews_reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_reviews_reviews_product", "product_id", "at", "id"),
        Index("ix_reviews_reviews_stars", "product_id", "rating", "at", "id"),
        Index("ix_reviews_reviews_helped", "product_id", "helped", "at", "id"),
        Index("ix_reviews_reviews_shop", "shop_id", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("orders_lines.id"), unique=True)
    shop_id: Mapped[UUID | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    rating: Mapped[int]
    text: Mapped[str]
    helped: Mapped[int] = mapped_column(server_default=literal_column("0"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    edited_at: Mapped[datetime | None]

    @property
    def ref(self) -> Ref:
        return Ref("review", self.id)


class ReviewEdit(Model):
    """What a review said until it was changed at this moment, by its author."""

    __tablename__ = "reviews_edits"
    __table_args__ = (Index("ix_reviews_edits_review", "review_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews_reviews.id", ondelete="CASCADE"))
    rating: Mapped[int]
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReviewPicture(Model):
    """A picture of a review; `is_later`: of its follow-up."""

    __tablename__ = "reviews_pictures"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews_reviews.id", ondelete="CASCADE"), primary_key=True)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads_uploads.id"), primary_key=True)
    position: Mapped[int]
    is_later: Mapped[bool]


class FollowUp(Model):
    """What its author says of the goods after a while (追评): once a review, never changed."""

    __tablename__ = "reviews_follow_ups"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews_reviews.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Reply(Model):
    """What the shop says to a review; `by_id` of its staff."""

    __tablename__ = "reviews_replies"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews_reviews.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class HelpfulVote(Model):
    """A person finds a review helpful."""

    __tablename__ = "reviews_votes"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews_reviews.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReviewTakeDown(Model):
    """Taken down by a moderator: it is seen and counted no more; only its author sees it, with the reason."""

    __tablename__ = "reviews_takedowns"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews_reviews.id"), primary_key=True)
    reason: Mapped[str]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


for _constraint, _code, _zh, _en in (
    (
        "uq_reviews_reviews_line_id",
        "already_reviewed",
        "这笔购买已经评价过",
        "This purchase has been reviewed already.",
    ),
    ("pk_reviews_follow_ups", "already_followed_up", "已经追评过", "There is a follow-up already."),
    ("pk_reviews_takedowns", "taken_down", "该评价已下架", "This review is taken down already."),
):
    refuse_on(_constraint, 409, _code, _zh, _en)
refuse_on("ck_reviews_reviews_rating", 422, "invalid", "须为 1 到 5 星", "Must be 1 to 5 stars.", field="rating")
