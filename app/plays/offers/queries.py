"""What offers make of a basket. A play registers here; checkout knows only this room."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TypeVar
from uuid import UUID

from app.core.caller import Ref
from app.core.errors import Refused, bad_field
from app.core.money import split
from app.plays.offers.models import (
    PLATFORM,
    SHOP,
    SHOP_POOL,
    STEPS,
    WHOLE,
    Cut,
    Deal,
    Found,
    OfferLine,
    Play,
    Step,
    Terms,
    Used,
    Wished,
)

MOST_CODES = 10
FreightOf = Callable[[Sequence[int]], Mapping[UUID, int]]
"""The freight of each shop, given what is left of each line (in the order given) once offers took off theirs."""
Kind = TypeVar("Kind", bound=Callable[[], Play])
_plays: dict[str, Play] = {}


def play(prefix: str, last: bool = False) -> Callable[[Kind], Kind]:
    """Register a class of Play for the codes that begin with `prefix`; `last`: for all that no other play knows too.

    Every play is asked for what applies without a code. Raises ValueError if two would fit one code.
    """

    def register(kind: Kind) -> Kind:
        if not prefix or any(one.startswith(prefix) or prefix.startswith(one) for one in _plays if one):
            raise ValueError(f"the prefix {prefix!r} is empty or overlaps with another play's")
        made = kind()
        _plays[prefix] = made
        if last:
            _plays[""] = made
        return kind

    return register


def plays() -> list[Play]:
    """All plays, each once, in the order in which they are asked and redeemed."""
    return [_plays[one] for one in sorted(_plays) if one]


def quote(
    codes: Sequence[str], buyer: Ref, lines: Sequence[OfferLine], freight_of: FreightOf = lambda left: {}
) -> Terms:
    """What `codes`, and offers without one, make of `lines`; changes nothing.

    The order of `lines` makes no difference to what each costs. Codes that do nothing are in `unfit`. Raises Refused
    422 (field "offers") for too many codes, or one twice.
    """
    if len(codes) > MOST_CODES or len(set(codes)) < len(codes):
        raise bad_field("offers", "优惠码重复或太多", f"At most {MOST_CODES} codes, each of them once.")
    wished, order = _wished(buyer, lines)
    mine = _by_play(codes)
    found = [(one, one.deals(mine[one], wished)) for one in plays()]
    pricing = _Pricing(wished, order)
    pricing.run([deal for _, some in found for deal in some.deals], freight_of)
    used = pricing.used()
    terms = pricing.terms(used, _unfit(codes, mine, found, used))
    for one in plays():
        terms = one.arrange(mine[one], wished, terms)
    _check(terms, lines)
    return terms


def savings(
    codes: Sequence[str], buyer: Ref, lines: Sequence[OfferLine], freight_of: FreightOf = lambda left: {}
) -> dict[str, int]:
    """What each of these codes by itself would save, in minor units, beside what applies without a code; those that
    do nothing save 0. However many there are: the plays are asked once."""
    wished, order = _wished(buyer, lines)
    mine = _by_play(codes)
    deals = [deal for one in plays() for deal in one.deals(mine[one], wished).deals]

    def costs(code: str | None) -> int:
        pricing = _Pricing(wished, order)
        pricing.run([deal for deal in deals if deal.code in {None, code}], freight_of)
        return pricing.total

    usual = costs(None)
    helping = {deal.code for deal in deals}
    return {code: usual - costs(code) if code in helping else 0 for code in codes}


def _wished(buyer: Ref, lines: Sequence[OfferLine]) -> tuple[Wished, list[int]]:
    """The lines in an order that does not depend on the basket's, and where each stands in the basket."""
    order = sorted(range(len(lines)), key=lambda place: (*_key(lines[place]), place))
    return Wished(buyer, [lines[place] for place in order]), order


def require_fitting(terms: Terms) -> Terms:
    """`terms`, where each code does something. Raises the first refusal where one does not."""
    for refused in terms.unfit.values():
        raise refused
    return terms


def _key(line: OfferLine) -> tuple[UUID, UUID, UUID, int, int]:
    return line.shop_id, line.product_id, line.sku_id, line.price, line.quantity


def _by_play(codes: Sequence[str]) -> dict[Play, list[str]]:
    mine: dict[Play, list[str]] = {one: [] for one in plays()}
    for code in sorted(codes):
        found = next((one for prefix, one in _plays.items() if prefix and code.startswith(prefix)), _plays.get(""))
        if found is not None:
            mine[found].append(code)
    return mine


def _unfit(
    codes: Sequence[str], mine: Mapping[Play, Sequence[str]], found: Sequence[tuple[Play, Found]], used: Sequence[Used]
) -> dict[str, Refused]:
    """The codes that do nothing, in the order given, and why."""
    known = {code for some in mine.values() for code in some}
    refused = {code: one for _, some in found for code, one in some.unfit.items()}
    why = {deal.code: deal.why for _, some in found for deal in some.deals if deal.code}
    done = {one.deal.code for one in used}
    unfit: dict[str, Refused] = {}
    for code in codes:
        if code not in known:
            unfit[code] = unknown_code()
        elif code in refused:
            unfit[code] = refused[code]
        elif code in why and code not in done:
            unfit[code] = bad_field("offers", *why[code])
    return unfit


def unknown_code() -> Refused:
    return bad_field("offers", "没有这个优惠", "There is no such offer.")


class _Pricing:
    """What is left of each line and of each shop's freight while one step after the other takes off its part."""

    def __init__(self, wished: Wished, order: Sequence[int]) -> None:
        self._lines, self._order = wished.lines, order
        self._left = [line.price * line.quantity for line in wished.lines]
        self._freight: dict[UUID, int] = {}
        self._loaded: Mapping[UUID, int] = {}
        self._steps: list[Step] = []
        self._used: list[tuple[Deal, Cut]] = []

    def run(self, deals: Sequence[Deal], freight_of: FreightOf) -> None:
        """All steps, in the written order."""
        for step in STEPS[:-1]:
            self._take([deal for deal in deals if deal.step == step])
        self._load(freight_of)
        self._take([deal for deal in deals if deal.step == STEPS[-1]])

    @property
    def total(self) -> int:
        return sum(self._left) + sum(self._freight.values())

    def _take(self, deals: Sequence[Deal]) -> None:
        """One step: of each group the best, and then the best of the others for the lines that it left aside."""
        groups: dict[tuple[str, str], list[Deal]] = defaultdict(list)
        for deal in deals:
            groups[(deal.group, "" if deal.group else deal.source)].append(deal)
        for _, rivals in sorted(groups.items()):
            self._take_best(rivals)

    def _load(self, freight_of: FreightOf) -> None:
        """Freight depends on what is left of the goods, so it is asked for once they are priced."""
        given = [0] * len(self._left)
        for place, left in zip(self._order, self._left, strict=True):
            given[place] = left
        self._loaded = dict(freight_of(given))
        self._freight = dict(self._loaded)

    def terms(self, used: Sequence[Used], unfit: Mapping[str, Refused]) -> Terms:
        pools = tuple(SHOP_POOL for _ in self._lines)
        return Terms(tuple(self._steps), pools, self._loaded, tuple(used), unfit)

    def used(self) -> list[Used]:
        return [self._use(deal, cut) for deal, cut in self._used]

    def _take_best(self, rivals: list[Deal]) -> None:
        """Ties go to the source that sorts first: so the same basket always has the same price."""
        closed: set[int] = set()
        served: set[UUID] = set()
        while rivals:
            left = [0 if place in closed else one for place, one in enumerate(self._left)]
            freight = {shop: 0 if shop in served else one for shop, one in self._freight.items()}
            cuts = [(deal, deal.off(left, freight)) for deal in rivals]
            best, cut = min(cuts, key=lambda pair: (-pair[1].total, pair[0].source))
            if cut.total <= 0:
                return
            self._apply(best, cut)
            closed |= cut.places
            served |= {shop for shop, off in cut.freight.items() if off}
            rivals.remove(best)

    def _apply(self, deal: Deal, cut: Cut) -> None:
        self._used.append((deal, cut))
        shops = sorted(cut.freight)
        amounts = [*cut.lines, *(cut.freight[shop] for shop in shops)]
        borne = _of_platform(amounts, deal.platform_share)
        for place in (place for place, off in enumerate(cut.lines) if off):
            shop_id, off = self._lines[place].shop_id, cut.lines[place]
            self._left[place] = self._note(deal, self._order[place], shop_id, self._left[place], off, borne[place])
        for turn, shop in enumerate(shops, len(cut.lines)):
            self._freight[shop] = self._note(deal, None, shop, self._freight[shop], cut.freight[shop], borne[turn])

    def _note(self, deal: Deal, place: int | None, shop_id: UUID, before: int, off: int, borne: int) -> int:
        """Write the steps of one line or freight, one for each funder; answers what is left."""
        for amount, funder in ((borne, PLATFORM), (off - borne, SHOP)):
            if amount:
                after = before - amount
                self._steps.append(
                    Step(deal.step, deal.source, deal.name, place, shop_id, -amount, before, after, funder)
                )
                before = after
        return before

    def _use(self, deal: Deal, cut: Cut) -> Used:
        touched = {self._lines[place].shop_id for place, off in enumerate(cut.lines) if off}
        touched |= {shop for shop, off in cut.freight.items() if off}
        revenue = sum(self._left[place] for place in cut.places)
        return Used(deal, cut.total, tuple(sorted(touched)), revenue)


def _of_platform(amounts: Sequence[int], share: int) -> list[int]:
    """What the platform bears of each amount: so that of any first few, and so of all, it bears its share rounded."""
    if share in {0, WHOLE}:
        return [one if share else 0 for one in amounts]
    shares = [share, WHOLE - share]
    reached = [0, *(split(total, shares)[0] for total in accumulate(amounts))]
    return [after - before for before, after in pairwise(reached)]


def _check(terms: Terms, lines: Sequence[OfferLine]) -> None:
    """A play that gives more than there is to give is refused, whichever it is."""
    total = sum(line.price * line.quantity for line in lines) + sum(terms.freight.values())
    total += sum(one.amount for one in terms.steps)
    if any(one.after < 0 or one.amount >= 0 for one in terms.steps):
        raise Refused(409, "below_zero", "优惠超过了商品金额", "The offers are worth more than the goods.")
    if terms.pay_now is not None and not 0 <= terms.pay_now <= total:
        raise Refused(409, "below_zero", "预付金额超出范围", "What is to be paid now is out of range.")
