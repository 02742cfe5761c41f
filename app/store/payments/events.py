"""What happens to payments. PaymentSettled and PaymentFailed are facts from outside: who hears them never refuses."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PaymentSettled(Fact):
    """The provider has the money; `amount` in minor units. Once a payment, in the payment's own transaction."""

    payment_id: UUID
    payable_kind: str
    payable_id: UUID
    amount: int
    gateway: str


@dataclass(frozen=True, slots=True)
class PaymentFailed(Fact):
    """The provider did not get the money; the same payment may still settle later."""

    payment_id: UUID
    payable_kind: str
    payable_id: UUID


@dataclass(frozen=True, slots=True)
class RefundTold(Fact):
    """A provider told of a refund: `outcome` "refunded" or "refund_failed"; `amount` in minor units, as it said."""

    refund_id: UUID
    payment_id: UUID
    outcome: str
    amount: int
