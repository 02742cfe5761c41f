"""What happens to deposits."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PenaltyTaken(Fact):
    """A shop owes a penalty; what its deposit covered is taken already."""

    penalty_id: UUID
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class PenaltyReturned(Fact):
    """An appeal was granted: what had been taken is in the deposit again."""

    penalty_id: UUID
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class DepositRanShort(Fact):
    """The deposit is below what is required of the shop from now on, or the shop owes more than it has there."""

    shop_id: UUID


@dataclass(frozen=True, slots=True)
class DepositFilled(Fact):
    """The deposit is again what is required, and nothing is owed."""

    shop_id: UUID
