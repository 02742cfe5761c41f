"""The JSON of take rates, and the form of the admin page."""

from marshmallow import fields

from app.core.fields import Id, In, Int, Moment, Out, Text
from app.store.fees.models import WHOLE

WHY_MOST = 200


class RateIn(In):
    """A rate in ‱ of a shop, of a category, of both, or (neither) of all; from now on if no moment is named."""

    shop_id = Id(load_default=None, allow_none=True)
    category_id = Id(load_default=None, allow_none=True)
    rate = Int(least=0, most=WHOLE, required=True)
    valid_from = Moment(load_default=None, allow_none=True)
    why = Text(most=WHY_MOST, least=0, load_default="")


class RateScopeOut(Out):
    id = Id(required=True)
    name = fields.String(required=True)


class RateOut(Out):
    id = Id(required=True)
    kind = fields.Constant("take_rate", required=True)
    shop = fields.Nested(RateScopeOut, required=True, allow_none=True)
    category = fields.Nested(RateScopeOut, required=True, allow_none=True)
    rate = Int(required=True)
    valid_from = Moment(required=True)
    why = fields.String(required=True)
    set_at = Moment(required=True)


class RatesOut(Out):
    items = fields.List(fields.Nested(RateOut), required=True)
    next = fields.String(required=True, allow_none=True)
