"""What is due by time: vouchers that were not had."""

from app.core.worker import every
from app.store.vouchers.actions import expire_due


@every(seconds=5)
def expire_vouchers() -> int:
    return expire_due()
