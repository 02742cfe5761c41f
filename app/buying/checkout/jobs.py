"""What is due by time: checkouts past their deadline."""

from app.buying.checkout.actions import release_due
from app.core.worker import every


@every(seconds=0.5)
def release_expired() -> int:
    return release_due()
