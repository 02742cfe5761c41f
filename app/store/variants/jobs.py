"""What is due by time: list prices and lowest prices that do not hold any more."""

from app.core.worker import every
from app.store.variants.actions import refresh_due


@every(seconds=20)
def refresh_prices() -> int:
    return refresh_due()
