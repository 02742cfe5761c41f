"""What is due by time: checkouts past their deadline, and those that are long over; and a guest's who is known now."""

from app.buying.checkout.actions import adopt_checkouts, forget_old, release_due
from app.core.joining import joins
from app.core.worker import every

joins()(adopt_checkouts)


@every(seconds=0.5)
def release_expired() -> int:
    return release_due()


@every(seconds=600)
def forget_old_checkouts() -> int:
    return forget_old()
