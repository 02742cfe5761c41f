"""What offers do to a basket. A play registers under the first letter of its codes; checkout knows only this room."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from app.core.caller import Ref
from app.core.errors import Refused, bad_field
from app.store.orders.models import AdjustmentToPlace

MOST_CODES = 10
SHOP_POOL = "shop"
"""The stock that a line is sold from unless a play has put some aside."""


class OfferLine(Protocol):
    """What a play may know of a line; `price` is for one unit, in minor units."""

    @property
    def sku_id(self) -> UUID: ...
    @property
    def product_id(self) -> UUID: ...
    @property
    def shop_id(self) -> UUID: ...
    @property
    def price(self) -> int: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What the plays make of a basket: for each line, in the order given, what is taken off and its pool of stock.

    `pay_now` in minor units, None for all of it; `ship_after_release`: shipped only once the play says so.
    """

    adjustments: tuple[tuple[AdjustmentToPlace, ...], ...]
    pools: tuple[str, ...]
    pay_now: int | None = None
    ship_after_release: bool = False


class Play(Protocol):
    """One way to sell. `rank` says when its codes apply: lower ones first, whatever order the buyer wrote them in."""

    rank: int

    def quote(self, code: str, buyer: Ref, lines: Sequence[OfferLine], so_far: Terms) -> Terms:
        """`so_far` with this code applied; changes nothing. Raises Refused if the code does not fit."""

    def redeem(self, code: str, buyer: Ref, lines: Sequence[OfferLine], so_far: Terms, purchase_id: UUID) -> Terms:
        """As `quote`, and writes the play's usage row for `purchase_id`, in the transaction of the purchase."""


Kind = TypeVar("Kind", bound=Callable[[], Play])
_plays: dict[str, Play] = {}


def play(prefix: str) -> Callable[[Kind], Kind]:
    """Register a class of Play for the codes that begin with `prefix`. Raises ValueError if two would fit one code."""

    def register(kind: Kind) -> Kind:
        if not prefix or any(one.startswith(prefix) or prefix.startswith(one) for one in _plays):
            raise ValueError(f"the prefix {prefix!r} is empty or overlaps with another play's")
        _plays[prefix] = kind()
        return kind

    return register


def quote(codes: Sequence[str], buyer: Ref, lines: Sequence[OfferLine]) -> Terms:
    """What `codes` make of `lines`; changes nothing. Raises Refused 422 (field "offers") for one that is not known."""
    return _applied(codes, lines, lambda found, code, terms: found.quote(code, buyer, lines, terms))


def redeem(codes: Sequence[str], buyer: Ref, lines: Sequence[OfferLine], purchase_id: UUID) -> Terms:
    """As `quote`, with each play's usage row written for `purchase_id`: in the transaction that places it, or never."""
    return _applied(codes, lines, lambda found, code, terms: found.redeem(code, buyer, lines, terms, purchase_id))


def _applied(codes: Sequence[str], lines: Sequence[OfferLine], apply: Callable[[Play, str, Terms], Terms]) -> Terms:
    if len(codes) > MOST_CODES or len(set(codes)) < len(codes):
        raise bad_field("offers", "优惠码重复或太多", f"At most {MOST_CODES} codes, each of them once.")
    terms = Terms(tuple(() for _ in lines), tuple(SHOP_POOL for _ in lines))
    found = [(_play_of(code), code) for code in codes]
    for one, code in sorted(found, key=lambda pair: (pair[0].rank, pair[1])):
        terms = apply(one, code, terms)
        _check(terms, lines)
    return terms


def _play_of(code: str) -> Play:
    for prefix, found in _plays.items():
        if code.startswith(prefix):
            return found
    raise bad_field("offers", "没有这个优惠", "There is no such offer.")


def _check(terms: Terms, lines: Sequence[OfferLine]) -> None:
    """A play that gives more than there is to give is refused, whichever it is."""
    total = 0
    for line, found, _ in zip(lines, terms.adjustments, terms.pools, strict=True):
        off = [one.amount for one in found]
        left = line.price * line.quantity + sum(off)
        if left < 0 or any(amount >= 0 for amount in off):
            raise Refused(409, "below_zero", "优惠超过了商品金额", "The offers are worth more than the goods.")
        total += left
    if terms.pay_now is not None and not 0 <= terms.pay_now <= total:
        raise Refused(409, "below_zero", "预付金额超出范围", "What is to be paid now is out of range.")
