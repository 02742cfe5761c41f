"""The JSON of payments."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Out
from app.store.payments.models import FAILED, PAID


class OutcomeIn(In):
    """What the sandbox's customer decides."""

    outcome = Choice(PAID, FAILED, required=True)


class CallbackOut(Out):
    """What came of a callback: "paid", "failed", or "no_change" where it said nothing new."""

    id = Id(required=True)
    kind = fields.String(required=True)
    payment_id = Id(required=True)
    result = fields.String(required=True)


class PlayedOut(Out):
    """A payment after its customer's decision."""

    id = Id(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    amount = fields.Integer(required=True)
    gateway = fields.String(required=True)
