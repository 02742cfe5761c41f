"""Reviews: a rating of one product. Where the author has bought it, the post is also a review in the store."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.posts.kinds.base import Kind
from app.core.db import db
from app.core.errors import bad_field
from app.store.reviews.actions import change_review, withdraw_review, write_review
from app.store.reviews.models import Review
from app.store.reviews.queries import reviewable_line


class ReviewKind:
    name = "review"

    def check(self, rating: int | None, product_ids: Collection[UUID]) -> None:
        if rating is None:
            raise bad_field("rating", "评价须打 1 到 5 分", "A review needs a rating of 1 to 5.")
        if len(set(product_ids)) != 1:
            raise bad_field("tags", "评价须标记且只标记一件商品", "A review tags exactly one product.")

    def enter_review(
        self, review_id: UUID | None, author_id: UUID, product_ids: Collection[UUID], rating: int, text: str
    ) -> UUID | None:
        (product_id,) = product_ids
        if review_id is not None:
            if db.session.scalar(select(Review.product_id).where(Review.id == review_id)) == product_id:
                return change_review(review_id, rating, text).id
            withdraw_review(review_id)
        line_id = reviewable_line(author_id, product_id)
        return write_review(line_id, author_id, product_id, rating, text).id if line_id else None

    def withdraw_review(self, review_id: UUID) -> None:
        withdraw_review(review_id)


kind: Kind = ReviewKind()
