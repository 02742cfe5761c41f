"""What every gateway can do. It never talks to a provider inside a transaction: it makes and reads texts only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.store.payments.models import Payment


class BadCallback(Exception):
    """A callback that does not come from the provider, is too old, or cannot be read; `reason` is one word of which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider told us: `outcome` "paid" or "failed", `amount` in minor units."""

    event_id: str
    payment_id: UUID
    outcome: str
    amount: int


class Gateway(Protocol):
    """One provider."""

    name: str

    def is_open(self) -> bool:
        """Whether this installation takes payments by it now."""

    def pay_url(self, payment: Payment, back: str) -> str:
        """Where the payer pays; afterwards the browser goes to the path `back` of our own site."""

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Told:
        """What a callback says, once it is certain who sent it and when. Raises BadCallback."""
