"""What happens to virtual goods."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class CodesDelivered(Fact):
    """A paid line of virtual goods has got some of its codes, the last of them, or its file."""

    line_id: UUID
