"""What is due by time in after-sales."""

from app.core.joining import joins
from app.core.worker import every
from app.store.aftersales import actions

joins()(actions.adopt)


@every(seconds=5)
def end_due_cases() -> int:
    """Cases in which somebody should have answered."""
    return actions.end_due()
