"""What the ledger does by itself."""

from app.core.worker import every
from app.store.ledger import actions


@every(seconds=1)
def fold_balances() -> int:
    """Stored balances of the accounts that every order moves, brought up to date."""
    return actions.fold_balances()
