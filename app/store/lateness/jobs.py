"""What is due by time: orders that were not sent."""

from app.core.worker import every
from app.store.lateness import actions


@every(seconds=30)
def compensate_late_orders() -> int:
    """Orders whose shops let them wait."""
    return actions.compensate_late()
