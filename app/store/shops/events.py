"""What happens to shops."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ShopOpened(Fact):
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class ShopClosed(Fact):
    """From now on the shop sells nothing; what was paid goes on."""

    shop_id: UUID


@dataclass(frozen=True, slots=True)
class ShopReopened(Fact):
    """The shop may sell again."""

    shop_id: UUID


@dataclass(frozen=True, slots=True)
class ShopMoved(Fact):
    """The shop has come into the mall's lists and search, or has left them."""

    shop_id: UUID


@dataclass(frozen=True, slots=True)
class ShopRenamed(Fact):
    """The shop has another name than before."""

    shop_id: UUID


@dataclass(frozen=True, slots=True)
class StaffChanged(Fact):
    """Who works in the shop, or as what, is another than before."""

    shop_id: UUID
    person_id: UUID
