"""What recommendations do by time."""

from app.core.worker import every
from app.discover.recommendations import actions


@every(seconds=60)
def forget_old_views() -> int:
    return actions.forget_old()
