"""Notes: anything, with any goods."""

from collections.abc import Collection
from uuid import UUID

from app.community.posts.kinds.base import Kind
from app.core.errors import bad_field


class NoteKind:
    name = "note"

    def check(self, rating: int | None, product_ids: Collection[UUID]) -> None:
        if rating is not None:
            raise bad_field("rating", "只有评价可以打分", "Only a review has a rating.")

    def enter_review(
        self, review_id: UUID | None, author_id: UUID, product_ids: Collection[UUID], rating: int, text: str
    ) -> UUID | None:
        return None

    def withdraw_review(self, review_id: UUID) -> None:
        return None


kind: Kind = NoteKind()
