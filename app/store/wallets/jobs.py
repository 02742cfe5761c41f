"""What wallets hear."""

from app.core.events import within
from app.store.payments.events import PaymentSettled
from app.store.wallets import actions
from app.store.wallets.queries import TOP_UP


@within(PaymentSettled)
def take_payment_for_wallet(fact: PaymentSettled) -> None:
    """A top-up is in the wallet in the payment's own transaction."""
    if fact.payable_kind == TOP_UP:
        actions.take_top_up(fact)
