"""Freight as JSON."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Int, Moment, Money, Out, Text, some
from app.store.freight.models import MOST_RULES, UNITS

MOST_UNITS = 1_000_000
MOST_REGIONS, MOST_PRODUCTS = 400, 500


class FreightRuleIn(In):
    """`regions` empty: everywhere else. Units are pieces, or grams."""

    regions = some(Text(most=40), most=MOST_REGIONS, load_default=list)
    delivered = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    first = Int(least=1, most=MOST_UNITS, load_default=1)
    first_price = Money(load_default=0)
    further = Int(least=1, most=MOST_UNITS, load_default=1)
    further_price = Money(load_default=0)
    free_amount = Money(load_default=None, allow_none=True)
    free_pieces = Int(least=1, most=MOST_UNITS, load_default=None, allow_none=True)


class TemplateIn(In):
    name = Text(most=60, required=True)
    unit = Choice(*UNITS, required=True)
    rules = some(FreightRuleIn, most=MOST_RULES, least=1, required=True)
    is_default = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class TemplateChangeIn(In):
    name = Text(most=60, load_default=None)
    unit = Choice(*UNITS, load_default=None)
    rules = some(FreightRuleIn, most=MOST_RULES, least=1, load_default=None)
    is_default = fields.Boolean(load_default=None, truthy={True}, falsy={False})


class TemplateProductsIn(In):
    products = some(Id(), most=MOST_PRODUCTS, required=True)


class FreightRuleOut(Out):
    regions = fields.List(fields.String(), required=True)
    delivered = fields.Boolean(required=True)
    first = fields.Integer(required=True)
    first_price = fields.Integer(required=True)
    further = fields.Integer(required=True)
    further_price = fields.Integer(required=True)
    free_amount = fields.Integer(required=True, allow_none=True)
    free_pieces = fields.Integer(required=True, allow_none=True)


class TemplateOut(Out):
    id = Id(required=True)
    kind = fields.Constant("freight_template", required=True)
    name = fields.String(required=True)
    unit = Choice(*UNITS, required=True)
    is_default = fields.Boolean(required=True)
    rules = fields.List(fields.Nested(FreightRuleOut), required=True)
    products = fields.List(Id(), required=True)
    changed_at = Moment(required=True)


class TemplatesOut(Out):
    items = fields.List(fields.Nested(TemplateOut), required=True)
    next = fields.String(required=True, allow_none=True)
