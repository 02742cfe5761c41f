"""The nouns of offers: lines, deals, the steps in which deals apply, and the terms that come out. No tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from app.core.caller import Ref
from app.core.errors import Refused

FIXED_PRICE, PERCENTAGE, BUY_X_GET_Y = "fixed_price", "percentage", "buy_x_get_y"
SHOP_REDUCTION, SHOP_COUPON = "shop_reduction", "shop_coupon"
PLATFORM_REDUCTION, PLATFORM_COUPON, FREE_SHIPPING = "platform_reduction", "platform_coupon", "free_shipping"
STEPS = (
    FIXED_PRICE,
    PERCENTAGE,
    BUY_X_GET_Y,
    SHOP_REDUCTION,
    SHOP_COUPON,
    PLATFORM_REDUCTION,
    PLATFORM_COUPON,
    FREE_SHIPPING,
)
"""The written order of stacking (docs/decisions.md): each step works on what the one before it left."""
SHOP, PLATFORM = "shop", "platform"
"""Funders: who bears what is taken off."""
WHOLE = 10_000
"""Shares and percentages are in ‱: so many are all of it."""
SHOP_POOL = "shop"
"""The stock that a line is sold from unless a play has put some aside."""


class OfferLine(Protocol):
    """What a play may know of a line. `price` is for one unit, and so is `floor`, below which no offer may take it; in
    minor units."""

    @property
    def sku_id(self) -> UUID: ...
    @property
    def product_id(self) -> UUID: ...
    @property
    def shop_id(self) -> UUID: ...
    @property
    def category_id(self) -> UUID | None: ...
    @property
    def price(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def floor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Wished:
    """What plays are asked about: who buys which lines. The lines are in an order of their own (queries.quote)."""

    buyer: Ref
    lines: Sequence[OfferLine]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a deal would take off: of each line in their order, and of the freight of shops. Nothing below 0.

    `places`: the lines that it counted; another deal of its group counts them no more.
    """

    lines: Sequence[int] = ()
    freight: Mapping[UUID, int] = field(default_factory=dict)
    places: frozenset[int] = frozenset()

    @property
    def total(self) -> int:
        return sum(self.lines) + sum(self.freight.values())


NOTHING = Cut()
Off = Callable[[Sequence[int], Mapping[UUID, int]], Cut]
"""What a deal takes off, given what is left of each line, and of the freight of each shop, in minor units."""


@dataclass(frozen=True, slots=True)
class Deal:
    """One offer that may apply to a basket, in its step.

    `source` names it in adjustments. Of one `group` in one step only the best counts for a line; "" stacks with all.
    `code`: what the buyer wrote for it. `platform_share`: of what it takes off the platform bears so many ‱, the
    shop of the line the rest. `why`: what it asks for, in Chinese and English. `about`: its play's own.
    """

    step: str
    source: str
    name: str
    off: Off
    group: str = ""
    code: str | None = None
    platform_share: int = 0
    why: tuple[str, str] = ("此优惠不适用于本单", "This offer does not fit this order.")
    about: object = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is shown: what an offer took off a line (`place`) or off the freight of `shop_id`; amount < 0."""

    step: str
    offer: str
    name: str
    place: int | None
    shop_id: UUID
    amount: int
    before: int
    after: int
    funder: str

    @property
    def source(self) -> str:
        return self.offer


@dataclass(frozen=True, slots=True)
class Used:
    """A deal that applied: what it took off in all, of which shops, and what is then paid for what it counted."""

    deal: Deal
    amount: int
    shop_ids: tuple[UUID, ...]
    revenue: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What the plays make of a basket. Places and pools are those of the lines in the order given.

    `freight`: of each shop before offers. `unfit`: codes that do nothing here, and why. `pay_now` in minor units, None
    for all of it; `ship_after_release`: shipped only once the play says so.
    """

    steps: tuple[Step, ...]
    pools: tuple[str, ...]
    freight: Mapping[UUID, int] = field(default_factory=dict)
    used: tuple[Used, ...] = ()
    unfit: Mapping[str, Refused] = field(default_factory=dict)
    pay_now: int | None = None
    ship_after_release: bool = False

    def off_line(self, place: int) -> list[Step]:
        """What is taken off the line at `place`, in the order of the steps."""
        return [one for one in self.steps if one.place == place]

    def off_freight(self, shop_id: UUID) -> list[Step]:
        """What is taken off the freight of a shop."""
        return [one for one in self.steps if one.place is None and one.shop_id == shop_id]

    @property
    def adjustments(self) -> tuple[tuple[Step, ...], ...]:
        """What is taken off each line."""
        return tuple(tuple(self.off_line(place)) for place in range(len(self.pools)))

    @property
    def freight_left(self) -> int:
        """All freight after offers."""
        return sum(self.freight.values()) + sum(one.amount for one in self.steps if one.place is None)


@dataclass(frozen=True, slots=True)
class Found:
    """What a play has for a basket; `unfit`: the codes that it refuses."""

    deals: Sequence[Deal] = ()
    unfit: Mapping[str, Refused] = field(default_factory=dict)


class Play:
    """One way to sell: the base of all plays."""

    def deals(self, codes: Sequence[str], wished: Wished) -> Found:
        """What these codes give, and what applies without one. Asks a constant number of queries; changes nothing."""
        return Found()

    def owns(self, deal: Deal) -> bool:
        """Whether a deal is of this play: by what it is about."""
        return False

    def arrange(self, codes: Sequence[str], wished: Wished, terms: Terms) -> Terms:
        """`terms` with a pool, a part to pay now or a wait; prices are the deals' business."""
        return terms

    def redeem(self, used: Sequence[Used], buyer: Ref, purchase_id: UUID) -> None:
        """Write what was used, in the transaction that places the purchase. Raises Refused 409 where another was
        quicker: then nothing is placed."""
