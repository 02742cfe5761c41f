"""What a statement says, and how a form of statement files is read."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core import clock

PAYMENT, REFUND = "payment", "refund"


@dataclass(frozen=True, slots=True)
class Row:
    """One movement of money at a provider: a payment to us or a refund. `number` is ours, `amount` in minor units."""

    kind: str
    number: str
    amount: int
    at: datetime


class Kind(ABC):
    """One form. `columns`: those by which its header is known. `gateway`: whose statement it is, "" if anybody's."""

    gateway = ""
    columns: tuple[str, ...] = ()

    @abstractmethod
    def row(self, cells: Mapping[str, str]) -> Row | None:
        """What a line says; None for one that is about no money (a sum, a remark). Raises ValueError."""


def moment(text: str) -> datetime:
    """A time as providers write it: ISO 8601; of China where no zone is named. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=clock.CHINA)
