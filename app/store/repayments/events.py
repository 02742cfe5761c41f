"""What happens to refunds."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class RefundDue(Fact):
    """Money must go back to the payer."""

    refund_id: UUID


@dataclass(frozen=True, slots=True)
class RefundDone(Fact):
    """The payer has his money back; once a refund."""

    refund_id: UUID
    payment_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class RefundFailed(Fact):
    """The provider refused a refund. It is tried again, by itself and by an operator."""

    refund_id: UUID
    payment_id: UUID
