"""What happens to pages of shops."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ShopPageChanged(Fact):
    shop_id: UUID
