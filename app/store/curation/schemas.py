"""Forms of those who look at goods, and what they see as JSON."""

from marshmallow import fields

from app.core.fields import Id, In, Moment, Out, Text

LONGEST_REASON = 500


class SeenIn(In):
    """`seen`: `changed_at` of the goods as they were looked at."""

    seen = Text(most=60, required=True)


class SentBackIn(SeenIn):
    reason = Text(most=LONGEST_REASON, required=True)


class WaitingOut(Out):
    id = Id(required=True, attribute="product.id")
    kind = fields.Constant("product", required=True)
    title = fields.String(required=True, attribute="product.title")
    description = fields.String(required=True, attribute="product.description")
    shop = fields.String(required=True)
    category = fields.String(required=True)
    pictures = fields.List(fields.Dict(), required=True)
    since = Moment(required=True)
    seen = fields.Function(lambda one: one.product.changed_at.isoformat(), required=True)


class WaitingsOut(Out):
    items = fields.List(fields.Nested(WaitingOut), required=True)
    next = fields.String(required=True, allow_none=True)
