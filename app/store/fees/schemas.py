"""The JSON of take rates, and the form of the admin page."""

import re
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from app.core.errors import said
from app.core.fields import ChinaTime, Id, In, Int, Moment, NewId, OrNone, Out, Text
from app.store.fees.models import WHOLE

WHY_MOST = 200


class RateIn(In):
    """A rate in ‱ of a shop, of a category, of both, or (neither) of all; from now on if no moment is named."""

    shop_id = Id(load_default=None, allow_none=True)
    category_id = Id(load_default=None, allow_none=True)
    rate = Int(least=0, most=WHOLE, required=True)
    valid_from = Moment(load_default=None, allow_none=True)
    why = Text(most=WHY_MOST, least=0, load_default="")


class Percent(fields.Field[int]):
    """A share as people write it ("5", "5.25"), of a hundred with at most two decimals; answers ‱."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **named: Any) -> int:
        written = str(value).strip()
        if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", written, re.ASCII) or Decimal(written) > 100:
            raise ValidationError([said("须为 0 到 100，最多两位小数", "Must be 0 to 100 with at most two decimals.")])
        return int(Decimal(written) * 100)


class RateForm(In):
    """The same on the admin page; `valid_from` in the time of China."""

    id = NewId(required=True)
    shop_id = OrNone(Id())
    category_id = OrNone(Id())
    rate = Percent(required=True)
    valid_from = OrNone(ChinaTime())
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
