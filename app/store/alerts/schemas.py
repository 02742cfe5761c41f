"""Alerts as JSON."""

from marshmallow import fields

from app.core.fields import Id, Int, Moment, Out


class LowOut(Out):
    id = Id(required=True)
    kind = fields.Constant("low_stock", required=True)
    product_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    available = Int(required=True)
    low_at = Int(required=True)
    at = Moment(required=True)


class LowsOut(Out):
    items = fields.List(fields.Nested(LowOut), required=True)
    next = fields.String(required=True, allow_none=True)
