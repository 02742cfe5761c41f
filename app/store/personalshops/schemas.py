"""Reselling as JSON, and the forms of its pages."""

from typing import Any

from marshmallow import fields, post_load

from app.core.fields import Id, In, Int, Money, OrNone, Out, Text, some
from app.store.catalogue.models import LONGEST_TITLE
from app.store.catalogue.schemas import NamedOut, ProductCardOut, Yuan
from app.store.personalshops.models import MOST_GOODS, Wanted
from app.store.shops.schemas import OpenedShopOut, ShopName


class WantedIn(In):
    """A SKU of a supplier; without a price at its floor, without a title under its own."""

    sku_id = Id(required=True)
    price = Money(least=1, load_default=None, allow_none=True)
    title = Text(most=LONGEST_TITLE, load_default=None, allow_none=True)

    @post_load
    def as_wanted(self, data: dict[str, Any], **_: Any) -> Wanted:
        return Wanted(**data)


class PersonalShopIn(In):
    name = ShopName(required=True)
    goods = some(WantedIn, most=MOST_GOODS, load_default=list)


class ResoldIn(In):
    goods = some(WantedIn, most=MOST_GOODS, least=1, required=True)


class OfferIn(In):
    """In 分: what the supplier gets for each, and what it must cost at least."""

    supply_price = Money(least=1, required=True)
    floor_price = Money(least=1, required=True)


class ResoldProductOut(Out):
    id = Id(required=True)
    kind = fields.Constant("product", required=True)


class ResoldOut(Out):
    items = fields.List(fields.Nested(ResoldProductOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PersonalShopOut(OpenedShopOut):
    goods = fields.List(Id(), required=True)


class OfferOut(Out):
    """`id` is the supplier's SKU."""

    id = Id(required=True)
    kind = fields.Constant("resale_offer", required=True)
    sku_name = fields.String(required=True)
    product = fields.Nested(ProductCardOut, required=True, allow_none=True)
    supplier = fields.Nested(NamedOut, required=True)
    supplier_score = Int(required=True, allow_none=True)
    supply_price = Money(required=True)
    floor_price = Money(required=True)


class OffersOut(Out):
    items = fields.List(fields.Nested(OfferOut), required=True)
    next = fields.String(required=True, allow_none=True)


class OfferForm(In):
    sku_id = Id(required=True)
    supply_price = Yuan(required=True)
    floor_price = Yuan(required=True)


class ResellForm(In):
    sku_id = Id(required=True)
    price = OrNone(Yuan())
    title = OrNone(Text(most=LONGEST_TITLE))
