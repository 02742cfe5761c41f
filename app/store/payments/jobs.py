"""What payments do by themselves."""

from app.core.db import in_transaction
from app.core.joining import joins, rows_of
from app.core.outside import each
from app.core.worker import every
from app.store.payments import actions
from app.store.payments.models import Payment

AT_ONCE = 4
joins()(rows_of(Payment, "payer"))


@every(seconds=1)
def settle_kept_callbacks() -> int:
    """Callbacks that were kept but not settled, because a process died or the settling failed."""
    return actions.settle_kept()


@every(seconds=1, outside=True)
def ask_providers() -> int:
    """Payments that wait for long: providers are asked what became of them, and to close what nobody may pay."""
    due = in_transaction(lambda: actions.take_due(AT_ONCE))
    each(actions.ask_and_note, due)
    return len(due)
