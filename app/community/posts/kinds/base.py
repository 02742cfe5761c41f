"""What is different between kinds of posts."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID


class Kind(Protocol):
    """One kind of post. Its module in this folder holds an instance named `kind`."""

    name: str

    def check(self, rating: int | None, product_ids: Collection[UUID]) -> None:
        """Raises Refused 422 if a post of this kind may not have this rating and these products."""

    def enter_review(
        self, review_id: UUID | None, author_id: UUID, product_ids: Collection[UUID], rating: int, text: str
    ) -> UUID | None:
        """An open post says this: the id of the review in the store that it is from now on, None if it is none.

        `review_id` is the review that it was until now.
        """

    def withdraw_review(self, review_id: UUID) -> None:
        """The post is not open any more."""
