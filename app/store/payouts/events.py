"""What happens to payouts."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PayoutDone(Fact):
    """The shop has its money."""

    payout_id: UUID
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class PayoutFailed(Fact):
    """It did not arrive; the money is to be paid out again."""

    payout_id: UUID
    shop_id: UUID
