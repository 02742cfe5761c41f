"""Reviews of bought goods."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

REVIEWS, STARS = "reviews", "stars"
"""Counts of a product (core/counters): how many reviews, and all their stars together."""


class Review(Model):
    """What a person says of goods that he bought: that order line's only review."""

    __tablename__ = "reviews_reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_reviews_reviews_product", "product_id", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("orders_lines.id"), unique=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    rating: Mapped[int]
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "uq_reviews_reviews_line_id",
    409,
    "already_reviewed",
    "这笔购买已经评价过",
    "This purchase has been reviewed already.",
)
refuse_on("ck_reviews_reviews_rating", 422, "invalid", "须为 1 到 5 星", "Must be 1 to 5 stars.", field="rating")
