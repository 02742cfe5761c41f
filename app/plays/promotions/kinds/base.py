"""What is different between kinds of promotions: what they ask for, and what they take off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.fields import In
from app.plays.offers.models import PLATFORM, SHOP


@dataclass(frozen=True, slots=True)
class Goods:
    """A line that a promotion is for: price of a unit as listed, units, and in 分 what is `left` of the line after the
    steps before, of which it may take off `room` at most. `sku` is its id as text."""

    sku: str
    price: int
    quantity: int
    left: int
    room: int


YUAN, PERCENT, COUNT = "yuan", "percent", "count"


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form in which people write a kind's terms: an amount in yuan, a percentage or a count."""

    name: str
    unit: str
    zh: str
    en: str
    is_required: bool = True


class Kind:
    """One kind of promotion. Its module in this folder holds an instance named `kind`.

    `takes` is the schema of its terms, `step` its step in the order of stacking (offers.STEPS; a coupon's is another),
    `owners` say who may make one, `zh` and `en` name it, `fields` are those of its form.
    """

    name: str
    step: str
    zh: str
    en: str
    takes: type[In] = In
    owners: frozenset[str] = frozenset({SHOP, PLATFORM})
    on_freight = False
    fields: tuple[FormField, ...] = ()

    def of_form(self, values: Mapping[str, int | None]) -> dict[str, Any]:
        """Terms, as `takes` wants them, of what was written in the form: 分, ‱ and counts by the fields' names."""
        return {name: value for name, value in values.items() if value is not None}

    def stored(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        """Terms as a row keeps them: JSON that `off` reads. Raises ValidationError with the fields at fault."""
        return dict(self.takes().load(dict(terms)))

    def off(self, terms: Mapping[str, Any], goods: Sequence[Goods]) -> list[int]:
        """What is taken off each of `goods`, 0..room. They come in an order that does not depend on the basket's."""
        return [0] * len(goods)

    def off_freight(self, terms: Mapping[str, Any], freight: int, goods: int) -> int:
        """What is taken off the freight of a shop, 0..freight; `goods`: what its goods cost by now."""
        return 0
