"""What is due by time in after-sales."""

from app.core.joining import joins, rows_of
from app.core.worker import every
from app.store.aftersales import actions
from app.store.aftersales.models import Case

joins()(rows_of(Case, "buyer"))


@every(seconds=5)
def end_due_cases() -> int:
    """Cases in which somebody should have answered."""
    return actions.end_due()
