"""Virtual goods as JSON."""

from typing import Any

from marshmallow import fields, post_load

from app.core.fields import Id, In, Int, Moment, Out, Text, some
from app.store.codes.models import LONGEST_CODE, MOST_CODES


class CodesIn(In):
    codes = some(Text(most=LONGEST_CODE), least=1, most=MOST_CODES, required=True)


class CodesForm(In):
    """Codes as lines."""

    codes = Text(most=1_000_000, required=True)

    @post_load
    def as_list(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        lines = [line.strip() for line in data["codes"].splitlines() if line.strip()]
        loaded: dict[str, Any] = CodesIn().load({"codes": lines})
        return loaded


class AddedCodesOut(Out):
    added = Int(required=True)
    known = Int(required=True)


class PoolOut(Out):
    """`lacking`: codes that paid lines still wait for."""

    free = Int(required=True)
    taken = Int(required=True)
    lacking = Int(required=True)


class DeliveredOut(Out):
    """`id` is the line of the order. `file_url` opens for a quarter of an hour."""

    id = Id(required=True)
    kind = fields.Constant("delivered", required=True)
    product_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    codes = fields.List(fields.String(), required=True)
    lacking = Int(required=True)
    file_name = fields.String(required=True, allow_none=True)
    file_url = fields.String(required=True, allow_none=True)
    at = Moment(required=True)


class DeliveredsOut(Out):
    items = fields.List(fields.Nested(DeliveredOut), required=True)
    next = fields.String(required=True, allow_none=True)
