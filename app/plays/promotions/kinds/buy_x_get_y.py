"""买 X 送 Y, 第二件半价: of so many units the cheapest cost less."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.fields import In, Int
from app.plays.offers.models import BUY_X_GET_Y, WHOLE
from app.plays.promotions.kinds.base import COUNT, PERCENT, FormField, Goods, Kind


class BuyXGetYTerms(In):
    """Of `buy` + `get` units of the goods in its scope `get` cost less by `off` ‱ (10000: they are free)."""

    buy = Int(least=1, most=99, required=True)
    get = Int(least=1, most=99, required=True)
    off = Int(least=1, most=WHOLE, load_default=WHOLE)


class BuyXGetY(Kind):
    """Units of all lines count together, whatever they are; the cheapest are the ones that cost less."""

    name, step, zh, en = "buy_x_get_y", BUY_X_GET_Y, "买赠", "Buy x get y"
    takes = BuyXGetYTerms
    fields = (
        FormField("buy", COUNT, "买几件", "Buy"),
        FormField("get", COUNT, "优惠几件", "Get"),
        FormField("off", PERCENT, "优惠的减（%），100 即免费", "Off those (%), 100 is free"),
    )

    def off(self, terms: Mapping[str, Any], goods: Sequence[Goods]) -> list[int]:
        units = sum(one.quantity for one in goods)
        given = units // (terms["buy"] + terms["get"]) * terms["get"]
        taken = [0] * len(goods)
        # By what a unit costs now, compared as fractions: left / quantity is seldom whole.
        cheapest = sorted(range(len(goods)), key=lambda place: (goods[place].left / goods[place].quantity, place))
        for place in cheapest:
            one, some = goods[place], min(given, goods[place].quantity)
            taken[place] = min(one.room, one.left * some * terms["off"] // (one.quantity * WHOLE))
            given -= some
        return taken


kind = BuyXGetY()
