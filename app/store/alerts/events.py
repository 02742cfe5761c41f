"""What people asked to be told of stock."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class BackInStock(Fact):
    """A variant that this person waits for can be bought again."""

    sku_id: UUID
    person_id: UUID
