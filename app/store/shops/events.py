"""What happens to shops."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ShopOpened(Fact):
    shop_id: UUID
