"""What happens to goods."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ProductListed(Fact):
    """A product is new, on sale or still a draft."""

    product_id: UUID


@dataclass(frozen=True, slots=True)
class ProductChanged(Fact):
    """Something that people see of it changed: text, pictures, category, state, a price, a variant. Not its stock."""

    product_id: UUID


@dataclass(frozen=True, slots=True)
class ShopNamedInPart(Fact):
    """Of a shop's goods those up to the id `after` say its present name; the rest follows."""

    shop_id: UUID
    after: UUID


@dataclass(frozen=True, slots=True)
class ProductTakenDown(Fact):
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ProductRestored(Fact):
    product_id: UUID
