"""make.deposit(shop, 10_000): money that a shop has paid in."""

from app.core.db import in_transaction
from app.store.deposits.actions import pay_in
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from tests.make.product import as_staff
from tests.make.shop import MadeShop


def deposit(shop: MadeShop, amount: int) -> None:
    """The shop's owner pays in so many 分."""
    begun = in_transaction(lambda: pay_in(as_staff(shop), shop.id, amount, "sandbox"))
    kept = in_transaction(lambda: payments.play_outcome(payment_now(begun.id), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))
