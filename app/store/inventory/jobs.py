"""What is due by time: holds that are long over."""

from app.core.worker import every
from app.store.inventory.actions import forget_ended


@every(seconds=600)
def forget_ended_holds() -> int:
    return forget_ended()
