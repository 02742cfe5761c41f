"""What is due by time: payouts whose channel is asked."""

from app.core.db import in_transaction
from app.core.outside import each
from app.core.worker import every
from app.store.payouts import actions

AT_ONCE = 4


@every(seconds=2, outside=True)
def ask_channels() -> int:
    """Approved payouts, and those without a clear answer; always by the same number, so each is paid once."""
    due = in_transaction(lambda: actions.take_due(AT_ONCE))
    each(actions.ask, due)
    return len(due)
