"""Brands as JSON."""

from marshmallow import fields

from app.core.fields import Id, In, Out, PageQuery, Text, some
from app.store.brands.models import LONGEST_NAME, MOST_ALIASES


class BrandQuery(PageQuery):
    q = Text(most=LONGEST_NAME, least=0, load_default="")


class BrandIn(In):
    name = Text(most=LONGEST_NAME, required=True)
    aliases = some(Text(most=LONGEST_NAME), most=MOST_ALIASES, load_default=list)


class BrandPatchIn(In):
    name = Text(most=LONGEST_NAME)
    aliases = some(Text(most=LONGEST_NAME), most=MOST_ALIASES)


class BrandOut(Out):
    id = Id(required=True)
    kind = fields.Constant("brand", required=True)
    name = fields.String(required=True)
    aliases = fields.List(fields.String(), required=True)


class BrandsOut(Out):
    items = fields.List(fields.Nested(BrandOut), required=True)
    next = fields.String(required=True, allow_none=True)
