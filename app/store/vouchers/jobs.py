"""What is due by time: vouchers that were not had."""

from app.core.joining import joins
from app.core.worker import every
from app.store.vouchers.actions import adopt, expire_due

joins()(adopt)


@every(seconds=5)
def expire_vouchers() -> int:
    return expire_due()
