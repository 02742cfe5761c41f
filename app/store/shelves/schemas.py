"""Shelves as JSON."""

from marshmallow import fields

from app.core.fields import Choice, In, Out, Text
from app.store.catalogue.models import STATES
from app.store.catalogue.schemas import ProductCardOut, ProductTakeDownOut
from app.store.shelves.queries import TAKEN_DOWN


class ShelfQuery(In):
    """`q`: words of a title; `state`: "" for all."""

    q = Text(most=100, least=0, load_default="")
    state = Choice("", *STATES, TAKEN_DOWN, load_default="")
    cursor = Text(most=500, least=0, load_default=None)


class ProductsOut(Out):
    items = fields.List(fields.Nested(ProductCardOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ShopProductOut(ProductCardOut):
    """A card on its shop's own shelf; strangers find only what is `on_sale` and not taken down."""

    state = Choice(*STATES, required=True)
    takedown = fields.Nested(ProductTakeDownOut, required=True, allow_none=True)


class ShopProductsOut(Out):
    items = fields.List(fields.Nested(ShopProductOut), required=True)
    next = fields.String(required=True, allow_none=True)
