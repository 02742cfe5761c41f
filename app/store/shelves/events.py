"""What happens to shelves."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ShelfToldInPart(Fact):
    """Of a shop's goods those up to the id `after` were told of; the rest follows."""

    shop_id: UUID
    after: UUID
