"""What happens to coupons."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class CouponGiven(Fact):
    """Somebody has a coupon that he did not ask for."""

    coupon_id: UUID
