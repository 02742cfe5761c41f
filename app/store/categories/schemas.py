"""Categories as JSON."""

from marshmallow import fields

from app.core.fields import Id, In, Out, QueryInt, Text


class CategoryQuery(In):
    limit = QueryInt(least=1, most=50, load_default=50)
    cursor = Text(most=500, least=0, load_default=None)


class CategoryOut(Out):
    id = Id(required=True)
    kind = fields.Constant("category", required=True)
    name = fields.String(required=True)
    parent_id = Id(required=True, allow_none=True)


class CategoriesOut(Out):
    items = fields.List(fields.Nested(CategoryOut), required=True)
    next = fields.String(required=True, allow_none=True)
