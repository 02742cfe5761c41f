"""一口价: goods at a price of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, validates_schema

from app.core.errors import said
from app.core.fields import Id, In, Money, some
from app.plays.offers.models import FIXED_PRICE
from app.plays.promotions.kinds.base import YUAN, FormField, Goods, Kind


class SkuPriceIn(In):
    sku_id = Id(required=True)
    price = Money(required=True)


class FixedPriceTerms(In):
    """`price` of a unit; `prices`: of variants that have another."""

    price = Money(load_default=None, allow_none=True)
    prices = some(SkuPriceIn, most=200, load_default=list)

    @validates_schema
    def _says_a_price(self, given: dict[str, Any], **_: Any) -> None:
        if given["price"] is None and not given["prices"]:
            raise ValidationError([said("请填写价格", "A price is needed.")], "price")


class FixedPrice(Kind):
    """A unit costs `price`, if that is less than what is left of it."""

    name, step, zh, en = "fixed_price", FIXED_PRICE, "一口价", "Fixed price"
    takes = FixedPriceTerms
    fields = (FormField("price", YUAN, "价格（元）", "Price (¥)"),)

    def stored(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        given = super().stored(terms)
        return {**given, "prices": {str(one["sku_id"]): one["price"] for one in given["prices"]}}

    def off(self, terms: Mapping[str, Any], goods: Sequence[Goods]) -> list[int]:
        prices = terms["prices"]
        wanted = [prices.get(one.sku, terms["price"]) for one in goods]
        return [
            0 if price is None else min(one.room, max(0, one.left - price * one.quantity))
            for one, price in zip(goods, wanted, strict=True)
        ]


kind = FixedPrice()
