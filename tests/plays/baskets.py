"""Baskets and rules for tests of prices: without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from app.core.caller import Ref
from app.core.ids import new_id
from app.plays.offers import queries as offers
from app.plays.offers.models import Deal, Found, Play, Terms, Wished
from app.plays.promotions.kinds import KINDS
from app.plays.promotions.models import Rule, Scope
from app.plays.promotions.queries import deal_of

BUYER = Ref("person", new_id())
_NAMES = UUID("7d1c8a52-5f10-4ef6-9c5c-0f2e7a3b1c44")


def called(name: str) -> UUID:
    """Always the same id for a name."""
    return uuid5(_NAMES, name)


SHOP = called("shop")


@dataclass(frozen=True)
class Line:
    """A line of a basket: what offers may know of it."""

    price: int
    quantity: int = 1
    shop_id: UUID = SHOP
    product_id: UUID = field(default_factory=new_id)
    category_id: UUID | None = None
    floor: int = 0
    sku: UUID | None = None

    @property
    def sku_id(self) -> UUID:
        return self.sku or self.product_id


def rule(kind: str, terms: Mapping[str, Any], name: str = "", **named: Any) -> Rule:
    """A rule of the platform, all of it borne by the platform, unless `named` says other."""
    usual: dict[str, Any] = {
        "id": called(name) if name else new_id(),
        "shop_id": None,
        "kind": kind,
        "name": name or kind,
        "terms": KINDS[kind].stored(terms),
        "scope": Scope(),
        "stack_group": "one",
        "min_spend": 0,
        "cap": None,
        "platform_share": 10_000 if named.get("shop_id") is None else 0,
        "most_per_person": None,
        "most_per_day": None,
        "budget_left": None,
        "uses_left": None,
    }
    return Rule(**{**usual, **named})


class Running(Play):
    """A play in which these rules run."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def deals(self, codes: Sequence[str], wished: Wished) -> Found:
        return Found([deal_of(one, wished.lines) for one in self._rules])

    def owns(self, deal: Deal) -> bool:
        return isinstance(deal.about, Rule)


def priced(rules: Sequence[Rule], lines: Sequence[Line], freight: Mapping[UUID, int] | None = None) -> Terms:
    """What these rules, and no others, make of a basket."""
    before = dict(offers._plays)  # also of who registered "" for all other codes
    offers._plays.clear()
    offers.play("promotion:")(lambda: Running(rules))
    try:
        return offers.quote([], BUYER, lines, lambda left: freight or {})
    finally:
        offers._plays.clear()
        offers._plays.update(before)


def off(terms: Terms) -> list[int]:
    """What is taken off each line, as amounts above 0."""
    return [-sum(one.amount for one in found) for found in terms.adjustments]
