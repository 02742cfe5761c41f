"""包邮: nothing, or less, for freight."""

from collections.abc import Mapping
from typing import Any

from app.core.fields import In, Money
from app.plays.offers.models import FREE_SHIPPING
from app.plays.promotions.kinds.base import YUAN, FormField, Kind


class FreeShippingTerms(In):
    """From `above` on, by what the shop's goods cost after all other offers; at most `most` of a shop's freight."""

    above = Money(load_default=0)
    most = Money(least=1, load_default=None, allow_none=True)


class FreeShipping(Kind):
    """Off the freight of each shop by itself."""

    name, step, zh, en = "free_shipping", FREE_SHIPPING, "包邮", "Free shipping"
    takes = FreeShippingTerms
    fields = (
        FormField("above", YUAN, "店铺商品满（元，选填）", "From (¥, optional)", False),
        FormField("most", YUAN, "最多减运费（元，选填）", "At most off (¥, optional)", False),
    )
    on_freight = True

    def off_freight(self, terms: Mapping[str, Any], freight: int, goods: int) -> int:
        if goods < terms["above"]:
            return 0
        return freight if terms["most"] is None else min(freight, terms["most"])


kind = FreeShipping()
