"""The JSON of payments."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Out, Text
from app.store.payments.models import FAILED, LOST, PAGE, PAID, REFUND_FAILS, SCENES


class PaymentIn(In):
    """How somebody wants to pay. `openid`: who he is to WeChat, needed by its mini-programs."""

    gateway = Text(most=40, required=True)
    scene = Choice(*SCENES, load_default=PAGE)
    openid = Text(most=128, least=0, load_default="")


class PaymentToPayOut(Out):
    """A payment that was begun: it is paid at `pay_url`, or with `pay` by an app, a mini-program or a QR code
    (docs/api.md). Neither is there yet in an answer 202."""

    id = Id(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    amount = fields.Integer(required=True)
    gateway = fields.String(required=True)
    pay_url = fields.String(required=True)
    scene = fields.String(required=True)
    pay = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class PaymentWayOut(Out):
    """A gateway that takes payments here; its name is its id too."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    gateway = fields.String(required=True)
    scenes = fields.List(fields.String(), required=True)


class PaymentWaysOut(Out):
    """All ways to pay, on one page."""

    items = fields.List(fields.Nested(PaymentWayOut), required=True)
    next = fields.String(required=True, allow_none=True)


class OutcomeIn(In):
    """What the sandbox's customer decides; or a fault to play: "lost" (paid, and the callback never comes) and
    "refund_fails" (the next refund of this payment fails once)."""

    outcome = Choice(PAID, FAILED, LOST, REFUND_FAILS, required=True)


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
