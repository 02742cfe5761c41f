"""What wallets hear, and accounts that are still to be sealed."""

from app.core.events import within
from app.core.worker import every
from app.store.payments.events import PaymentSettled
from app.store.wallets import actions
from app.store.wallets.queries import TOP_UP


@within(PaymentSettled)
def take_payment_for_wallet(fact: PaymentSettled) -> None:
    """A top-up is in the wallet in the payment's own transaction."""
    if fact.payable_kind == TOP_UP:
        actions.take_top_up(fact)


@every(seconds=60)
def seal_accounts() -> int:
    """Those of withdrawals that no process of this version has written."""
    return actions.seal_accounts()
