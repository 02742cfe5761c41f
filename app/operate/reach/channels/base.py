"""What every channel can do: one small class a file, `channel = Email()` at its end.

`send` talks to a provider: it is called outside of any transaction, gets plain values and answers plain values. It
never raises for what a provider or the net may do. The same message may be sent again where no answer came, under the
same number, by which a provider or a phone knows it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.caller import Ref

SENT, AGAIN, REFUSED = "sent", "again", "refused"


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told, and at which addresses: device tokens, a phone number, an e-mail address. `number` is the
    same at each try; `ref` is where it leads, `badge` how much he has not read."""

    number: UUID
    addresses: tuple[str, ...]
    title: str
    body: str
    ref: Ref | None = None
    badge: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message: SENT, AGAIN (try later) or REFUSED (never try again), and why. `gone`: addresses that
    are nobody's any more. `written`: what a sandbox would have sent, by address."""

    what: str
    why: str = ""
    gone: tuple[str, ...] = ()
    written: tuple[tuple[str, Mapping[str, Any]], ...] = ()


class Channel(ABC):
    """One way out. `medium`: what the settings of people call it; `platform`: of which devices it is, "" where it goes
    to a contact."""

    name = ""
    medium = ""
    platform = ""

    @abstractmethod
    def is_open(self) -> bool:
        """Whether this installation sends by it."""

    @abstractmethod
    def send(self, message: Message) -> Answer:
        """Send it to all its addresses."""


def in_sandbox(requests: Sequence[tuple[str, Mapping[str, Any]]]) -> Answer:
    """What a channel without a provider answers: these requests are written down instead of sent."""
    return Answer(SENT, written=tuple(requests))
