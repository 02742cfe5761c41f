"""What a channel must be able to do: it is asked at once (`asks`), or a file goes out and answers come in."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

PAID, REFUSED, UNCLEAR = "paid", "refused", "unclear"


@dataclass(frozen=True, slots=True)
class PayoutRequest:
    """A payout as its channel sees it; `id` is its number there, the same at each try. `amount` in 分."""

    id: UUID
    shop_id: UUID
    amount: int
    name: str
    bank: str
    account: str


@dataclass(frozen=True, slots=True)
class ChannelAnswer:
    """PAID, REFUSED (with the reason), or UNCLEAR: it is asked again with the same number."""

    what: str
    reason: str = ""


class Channel(Protocol):
    """One way of paying. Its module in this folder holds an instance named `channel`."""

    name: str
    zh: str
    en: str
    asks: bool

    def is_open(self) -> bool:
        """Whether this installation can pay by it."""

    def ask(self, request: PayoutRequest) -> ChannelAnswer:
        """Pay it, or say what came of an earlier try with this number. Outside of any transaction; may take a while."""
