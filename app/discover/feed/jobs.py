"""What the feed does by time."""

from app.core.worker import every
from app.discover.feed import actions


@every(seconds=60)
def forget_old_snapshots() -> int:
    return actions.forget_old()
