"""The JSON of payees and payouts, and their forms. Amounts in minor units."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.core.errors import said
from app.core.fields import Choice, Id, In, Int, Moment, NewId, Out, Text, some
from app.store.payouts.models import BATCH_STATES, MOST_SHOPS, PAYOUT_STATES

_ACCOUNT = re.compile(r"[0-9A-Za-z]{6,40}")
_NOT_AN_ACCOUNT = said("须为 6 到 40 位数字或字母", "Must be 6 to 40 digits or letters.")
_FORMULA = said("不能以符号开头", "Must not begin with a sign.")


class PlainText(Text):
    """Text that no sheet takes for a formula: a bank's file holds it as it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **named: Any) -> str:
        found = super()._deserialize(value, attr, data, **named).strip()
        if found.startswith(("=", "+", "-", "@")):
            raise ValidationError([_FORMULA])
        return found


class Account(Text):
    """An account number; spaces in between are left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **named: Any) -> str:
        found = re.sub(r"\s", "", super()._deserialize(value, attr, data, **named))
        if not _ACCOUNT.fullmatch(found):
            raise ValidationError([_NOT_AN_ACCOUNT])
        return found


class PayeeIn(In):
    """Who gets the shop's money. `account`: at a bank, or the merchant's number at the provider."""

    channel = Text(most=40, required=True)
    name = PlainText(most=100, required=True)
    bank = PlainText(most=100, required=True)
    account = Account(most=60, required=True)


class PayeeOut(Out):
    """`ends_with`: the last four signs of the account, of which nobody is shown more. Nothing is paid before
    `hold_until`."""

    shop_id = Id(required=True)
    kind = fields.Constant("payee", required=True)
    channel = fields.String(required=True)
    name = fields.String(required=True)
    bank = fields.String(required=True)
    ends_with = fields.String(required=True)
    hold_until = Moment(required=True)


class PayoutBatchIn(In):
    """`shop_ids`: only these are paid; none named, all to whom something is due."""

    channel = Text(most=40, required=True)
    shop_ids = some(Id(), most=MOST_SHOPS, load_default=list)


class PayoutBatchForm(In):
    """The same on the admin page."""

    id = NewId(required=True)
    channel = Text(most=40, required=True)


class RejectionIn(In):
    why = Text(most=200, required=True)


class PayoutBatchOut(Out):
    id = Id(required=True)
    kind = fields.Constant("payout_batch", required=True)
    channel = fields.String(required=True)
    state = Choice(*BATCH_STATES, required=True)
    made_by = Id(required=True)
    made_at = Moment(required=True)
    decided_by = Id(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    why = fields.String(required=True)
    count = Int(required=True)
    amount = Int(required=True)
    states = fields.Dict(keys=fields.String(validate=validate.OneOf(PAYOUT_STATES)), values=fields.Integer())


class PayoutBatchesOut(Out):
    items = fields.List(fields.Nested(PayoutBatchOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PayoutOut(Out):
    id = Id(required=True)
    kind = fields.Constant("payout", required=True)
    shop_id = Id(required=True)
    shop_name = fields.String(required=True)
    amount = Int(required=True)
    state = Choice(*PAYOUT_STATES, required=True)
    name = fields.String(required=True)
    bank = fields.String(required=True)
    ends_with = fields.String(required=True)
    tries = Int(required=True)
    reason = fields.String(required=True)


class WholePayoutBatchOut(PayoutBatchOut):
    """A batch with a page of its payouts."""

    items = fields.List(fields.Nested(PayoutOut), required=True)
    next = fields.String(required=True, allow_none=True)
