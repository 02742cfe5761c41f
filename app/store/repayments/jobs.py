"""What refunds hear and do by themselves."""

from app.core.db import in_transaction
from app.core.events import within
from app.core.outside import each
from app.core.worker import every
from app.store.payments.events import RefundTold
from app.store.repayments import actions

AT_ONCE = 4


@within(RefundTold)
def take_told_refund(fact: RefundTold) -> None:
    """What a provider's callback says of a refund."""
    actions.take_told(fact)


@every(seconds=1, outside=True)
def send_refunds() -> int:
    """Refunds that are due, or wait for an answer, or are tried again."""
    due = in_transaction(lambda: actions.take_due(AT_ONCE))
    each(actions.send, due)
    return len(due)
