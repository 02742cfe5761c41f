"""What every gateway can do: one small class a file, `gateway = Alipay()` at its end.

`begin` (unless `begins_here`), `query`, `close`, `refund` and `query_refund` may talk to the provider: they are called
outside of any transaction, get plain values and answer plain values. They never raise for what a provider or the net
may do: an answer that is late, broken, forged or unreadable is UNCLEAR, and asked for again.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import money
from app.core.caller import Ref
from app.store.payments.models import PAGE, How

BEGUN, PENDING, PAID, CLOSED, UNKNOWN = "begun", "pending", "paid", "closed", "unknown"
REFUNDED, REFUNDING, DECLINED, UNCLEAR = "refunded", "refunding", "declined", "unclear"


class BadCallback(Exception):
    """A callback that does not come from the provider, is too old, of another merchant, or cannot be read; `reason` is
    one word of which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider told us: `outcome` is "created", "paid" or "failed", or of the refund `refund_id` "refunded" or
    "refund_failed"; `amount` in minor units, of the payment or of the refund; `reference` the provider's number."""

    event_id: str
    payment_id: UUID
    outcome: str
    amount: int
    currency: str = money.CURRENCY
    reference: str | None = None
    refund_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment as its gateway sees it. Its number at the provider is `number`, for ever."""

    id: UUID
    gateway: str
    amount: int
    currency: str
    payer: Ref
    created_at: datetime
    pay_by: datetime | None
    how: How

    @property
    def number(self) -> str:
        """32 letters and digits: as much as every provider takes."""
        return self.id.hex


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """A refund as its gateway sees it; `number` is the same at each try, so it is paid once."""

    id: UUID
    amount: int
    reason: str

    @property
    def number(self) -> str:
        return self.id.hex


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered. `what` is one of this file's words; `amount` (minor units) where it told one; `reason`
    for operators; of BEGUN `url`, where the payer pays, and `pay`, what an app, mini-program or code needs."""

    what: str
    amount: int = 0
    currency: str = money.CURRENCY
    reference: str | None = None
    reason: str = ""
    url: str = ""
    pay: dict[str, Any] = field(default_factory=dict)

    @property
    def is_open_to_refund(self) -> bool:
        """Of what is known of a refund: whether it may be asked for (again)."""
        return self.what in {UNKNOWN, DECLINED}


def unclear(reason: str) -> Answer:
    """No answer, or none that can be trusted: it is asked for again."""
    return Answer(UNCLEAR, reason=reason)


class Gateway(ABC):
    """One provider. `title`: what payers call it, in Chinese and English. `answers_here`: what it knows is in our own
    database, and is looked up, not asked for."""

    name = ""
    title = ("", "")
    scenes: frozenset[str] = frozenset({PAGE})
    answers_here = False
    needs_openid = False
    """In the scene "mini"."""
    acknowledgement = b""
    """The exact answer that its callbacks want."""

    @abstractmethod
    def is_open(self) -> bool:
        """Whether this installation takes payments by it now."""

    def begins_here(self, scene: str) -> bool:
        """Whether `begin` needs no call to the provider for this scene."""
        return True

    @abstractmethod
    def begin(self, attempt: Attempt) -> Answer:
        """BEGUN, DECLINED or UNCLEAR."""

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Told:
        """What a callback says, once it is certain who sent it and when. Makes no call. Raises BadCallback; "silent" if
        it sends none."""
        raise BadCallback("silent")

    @abstractmethod
    def query(self, attempt: Attempt) -> Answer:
        """PAID, PENDING, CLOSED, UNKNOWN (not there: nobody has opened it) or UNCLEAR."""

    @abstractmethod
    def close(self, attempt: Attempt) -> Answer:
        """See to it that nobody can pay it any more: CLOSED or UNCLEAR, which a payment in between is too."""

    @abstractmethod
    def refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        """REFUNDED, REFUNDING (ask `query_refund` later), DECLINED or UNCLEAR."""

    @abstractmethod
    def query_refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        """REFUNDED, REFUNDING, DECLINED, UNKNOWN (it was never asked for) or UNCLEAR."""

    def wait(self, age: float) -> int:
        """Seconds until a payment that began `age` seconds ago is asked about (again): its callback may be lost."""
        return int(min(600, max(20, age / 3)))

    def answer(self, wants: str, attempt: Attempt) -> Answer:
        """Do what is wanted of this payment: "begin", "query" or "close" it."""
        if not self.is_open():
            return unclear("this gateway is closed")
        if wants == "begin":
            return self.begin(attempt)
        found = self.query(attempt)
        is_open = found.what in {PENDING, UNKNOWN}
        return self.close(attempt) if wants == "close" and is_open else found

    def give_back(self, attempt: Attempt, asked: RefundAsked, *, was_asked: bool) -> Answer:
        """Have a refund paid; `was_asked`: look first what came of it."""
        if not self.is_open():
            return unclear("this gateway is closed")
        known = self.query_refund(attempt, asked) if was_asked else None
        return known if known is not None and not known.is_open_to_refund else self.refund(attempt, asked)


class SettlingGateway(Gateway):
    """One that pays at once, in the transaction that begins the payment."""

    @abstractmethod
    def spend(self, attempt: Attempt) -> None:
        """Pay it. Raises Refused."""
