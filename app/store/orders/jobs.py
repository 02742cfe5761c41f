"""What purchases hear and do by themselves."""

from app.core.events import within
from app.core.joining import joins, rows_of
from app.core.worker import every
from app.store.orders import actions
from app.store.orders.models import Purchase
from app.store.orders.queries import PURCHASE
from app.store.payments.events import PaymentSettled

joins()(rows_of(Purchase, "buyer"))


@within(PaymentSettled)
def take_payment_for_purchase(fact: PaymentSettled) -> None:
    """A purchase is paid in the payment's own transaction."""
    if fact.payable_kind == PURCHASE:
        actions.take_payment(fact)


@every(seconds=0.5)
def let_purchases_lapse() -> int:
    """Purchases whose time to pay is over."""
    return actions.lapse_due()
