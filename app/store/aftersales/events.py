"""What happens to after-sales cases."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class CaseOpened(Fact):
    """A buyer asks his shop for something."""

    case_id: UUID
    order_id: UUID


@dataclass(frozen=True, slots=True)
class CaseClosed(Fact):
    """A case has come to its end; `state` says to which (models.ENDS)."""

    case_id: UUID
    order_id: UUID
    state: str
