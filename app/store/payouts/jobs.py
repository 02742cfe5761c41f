"""What payouts hear and when they are due: bills that nothing is left of, payouts whose channel is asked."""

from app.core.db import in_transaction
from app.core.events import within
from app.core.outside import each
from app.core.worker import every
from app.store.bills.events import BillConfirmed
from app.store.payouts import actions

AT_ONCE = 4


@within(BillConfirmed)
def close_empty_bills(fact: BillConfirmed) -> None:
    """A bill that is 0 or below is paid by that, unless something is left that only it can bring the shop."""
    actions.close_empty_bills(fact.shop_id)


@every(seconds=2, outside=True)
def ask_channels() -> int:
    """Approved payouts, and those without a clear answer; always by the same number, so each is paid once."""
    due = in_transaction(lambda: actions.take_due(AT_ONCE))
    each(actions.ask, due)
    return len(due)
