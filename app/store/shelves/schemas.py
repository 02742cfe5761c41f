"""Shelves as JSON."""

from marshmallow import fields

from app.core.fields import Out
from app.store.catalogue.schemas import ProductCardOut


class ProductsOut(Out):
    items = fields.List(fields.Nested(ProductCardOut), required=True)
    next = fields.String(required=True, allow_none=True)
