"""What is due by time."""

from app.core.worker import every
from app.store.curation import actions


@every(seconds=1)
def keep_times() -> int:
    return actions.keep_times()


@every(seconds=2)
def follow_categories() -> int:
    return actions.follow_category()
