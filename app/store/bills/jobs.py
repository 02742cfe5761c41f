"""What is due by time: bills of periods that are over, and those that nobody objected to."""

from app.core.worker import every
from app.store.bills import actions


@every(seconds=60)
def issue_bills() -> int:
    """Weeks and months that are over."""
    return actions.issue_due()


@every(seconds=60)
def confirm_bills() -> int:
    """Bills of shops that say nothing."""
    return actions.confirm_due()
