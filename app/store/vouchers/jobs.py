"""What is due by time: vouchers that were not had."""

from app.core.joining import joins, rows_of
from app.core.worker import every
from app.store.vouchers.actions import expire_due
from app.store.vouchers.models import Voucher

joins()(rows_of(Voucher, "owner"))


@every(seconds=5)
def expire_vouchers() -> int:
    return expire_due()
