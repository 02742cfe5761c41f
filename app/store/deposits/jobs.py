"""What deposits hear."""

from app.core.events import within
from app.core.worker import every
from app.store.deposits import actions
from app.store.deposits.models import PAYABLE
from app.store.payments.events import PaymentSettled


@within(PaymentSettled)
def take_payment_for_deposit(fact: PaymentSettled) -> None:
    """Money for a deposit is in it in the payment's own transaction."""
    if fact.payable_kind == PAYABLE:
        actions.take_payment(fact)


@every(seconds=5)
def collect_owed() -> int:
    """Penalties that a deposit did not cover are paid by what a shop earns."""
    return actions.collect_owed()
