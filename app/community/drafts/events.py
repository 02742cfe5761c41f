"""What happens to drafts."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class DraftFailed(Fact):
    """Its time came, and it could not be published; it stays a draft, and says why."""

    draft_id: UUID
    person_id: UUID
