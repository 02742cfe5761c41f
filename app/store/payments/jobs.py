"""What payments do by themselves."""

from app.core.worker import every
from app.store.payments import actions


@every(seconds=1)
def settle_kept_callbacks() -> int:
    """Callbacks that were kept but not settled, because a process died or the settling failed."""
    return actions.settle_kept()
