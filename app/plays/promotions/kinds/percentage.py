"""折扣: a share off."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.fields import In, Int
from app.plays.offers.models import PERCENTAGE, WHOLE
from app.plays.promotions.kinds.base import PERCENT, FormField, Goods, Kind


class PercentageTerms(In):
    """`off` in ‱: 2000 is 20% off, 8 折."""

    off = Int(least=1, most=WHOLE, required=True)


class Percentage(Kind):
    """Each line by itself, rounded down to whole 分: so that no line's price depends on another's."""

    name, step, zh, en = "percentage", PERCENTAGE, "折扣", "Percentage"
    takes = PercentageTerms
    fields = (FormField("off", PERCENT, "减（%），如 20 即八折", "Off (%)"),)

    def off(self, terms: Mapping[str, Any], goods: Sequence[Goods]) -> list[int]:
        return [min(one.room, one.left * terms["off"] // WHOLE) for one in goods]


kind = Percentage()
