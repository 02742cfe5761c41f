"""What reviews hear: their own votes, and rows that processes of the version before write."""

from collections.abc import Sequence

from app.core.events import on
from app.store.reviews import actions
from app.store.reviews.events import ReviewHelped, ReviewWritten


@on(ReviewHelped)
def sort_by_votes(facts: Sequence[ReviewHelped]) -> None:
    """The most helpful first, some moments later."""
    actions.sort_by_votes({fact.review_id for fact in facts})


@on(ReviewWritten)
def fill_shops(facts: Sequence[ReviewWritten]) -> None:
    """Reviews from before there were shops beside them, and by stars."""
    actions.fill_shops([fact.review_id for fact in facts])
