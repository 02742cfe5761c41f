"""The nouns of baskets. No tables: a basket is what rows of carts and checkouts are worth now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.plays.offers.models import Terms
from app.store.catalogue.queries import SellableSku
from app.store.freight.queries import FreightPlan
from app.store.orders.models import PHYSICAL


class LineWanted(NamedTuple):
    """So many of one SKU; `link` is the code of the link that the buyer names for it, `cart_line_id` the line of his
    cart that it comes from."""

    sku_id: UUID
    quantity: int
    link: str | None = None
    cart_line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What goods are beside title and price. `weight` of a unit in grams; `floor`: no offer takes a unit below it.

    `min_units`: so many of a SKU at least in a purchase; `max_units`: so many at most for a person, ever.
    `return_days`: so long it may go back without a reason. `in_person`: it is handed over, no parcel brings it.
    """

    category_id: UUID | None = None
    goods_kind: str = PHYSICAL
    weight: int = 0
    floor: int = 0
    min_units: int = 1
    max_units: int | None = None
    return_days: int = 7
    in_person: bool = False


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line with its goods as they are sold now, which the buyer has sent or fetches. Amounts in minor units, before
    offers."""

    id: UUID
    quantity: int
    link_code: str | None
    sku: SellableSku
    facts: Facts
    cart_line_id: UUID | None = None
    is_fetched: bool = False

    @property
    def sku_id(self) -> UUID:
        return self.sku.sku_id

    @property
    def product_id(self) -> UUID:
        return self.sku.product_id

    @property
    def shop_id(self) -> UUID:
        return self.sku.shop_id

    @property
    def category_id(self) -> UUID | None:
        return self.facts.category_id

    @property
    def price(self) -> int:
        return self.sku.price

    @property
    def floor(self) -> int:
        return min(self.facts.floor, self.sku.price)

    @property
    def weight(self) -> int:
        return self.facts.weight

    @property
    def is_sent(self) -> bool:
        """Whether a parcel brings it: what is virtual, a service, fetched or handed over in person needs no address and
        no freight."""
        return self.facts.goods_kind == PHYSICAL and not (self.is_fetched or self.facts.in_person)

    @property
    def is_resold(self) -> bool:
        """Whether another shop sends it."""
        return self.sku.supplier_id not in {None, self.sku.shop_id}

    @property
    def amount(self) -> int:
        return self.sku.price * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    """All lines, what offers and freight make of them. `knows_freight`: for an address, or because none is needed."""

    lines: Sequence[BasketLine]
    terms: Terms
    plan: FreightPlan
    knows_freight: bool

    @property
    def total(self) -> int:
        """What a purchase costs at this moment: lines, freight and adjustments added up."""
        goods = sum(line.amount for line in self.lines)
        return goods + sum(self.terms.freight.values()) + sum(one.amount for one in self.terms.steps)

    @property
    def needs_address(self) -> bool:
        return any(line.is_sent for line in self.lines)

    @property
    def undelivered(self) -> list[BasketLine]:
        """Lines that are not sent to the address."""
        return [self.lines[place] for place in self.plan.undelivered]
