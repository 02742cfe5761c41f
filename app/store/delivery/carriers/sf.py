"""SF Express: SF and 13 digits as a rule."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("sf", "顺丰速运", "SF Express", r"SF[0-9]{12,15}|[0-9]{12,15}")
