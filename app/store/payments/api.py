"""Doors of payments: the providers' callbacks, and the sandbox's customer."""

from typing import Any
from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.errors import Refused
from app.core.http.answers import Ready, With
from app.core.http.door import Door
from app.store.payments import actions, queries
from app.store.payments.models import FAILED, PAID, Payment
from app.store.payments.schemas import CallbackOut, OutcomeIn, PaymentWaysOut, PlayedOut

LARGEST_CALLBACK = 1 << 16
door = Door("payments")
_FROM_PROVIDER: dict[str, Any] = {"who": None, "status": 200, "limit": "callback", "key": "none", "joined": True}


def _settled(callback_id: UUID) -> dict[str, Any]:
    """The second step: settle, and say no to what can never be settled. Its row was kept with that result."""
    done = actions.settle_callback(callback_id)
    if done["result"] in {actions.WRONG_AMOUNT, actions.WRONG_CURRENCY}:
        raise Refused(422, done["result"], "金额与支付不符", "The amount is not that of the payment.")
    if done["result"] == actions.UNKNOWN_PAYMENT:
        raise Refused(404, done["result"], "没有这笔支付", "There is no such payment.")
    return done


@door.post("/callbacks/sandbox", gives=CallbackOut, then=_settled, **_FROM_PROVIDER)
def take_sandbox_callback() -> UUID:
    """The sandbox tells what came of a payment. Signed; told again, it is answered the same and changes nothing."""
    return _received("sandbox")


def _acknowledged(callback_id: UUID) -> With:
    """The exact answer by which a provider knows that it need not tell this again."""
    gateway = queries.callback_gateway(callback_id)
    _settled(callback_id)
    kind = "application/json" if gateway.acknowledgement.startswith(b"{") else "text/plain; charset=utf-8"
    return With(Ready(gateway.acknowledgement), {"Content-Type": kind})


@door.post("/callbacks/alipay", then=_acknowledged, **_FROM_PROVIDER)
def take_alipay_callback() -> UUID:
    """Alipay tells what came of a payment: a signed form, acknowledged by the word `success`."""
    return _received("alipay")


@door.post("/callbacks/wechat", then=_acknowledged, **_FROM_PROVIDER)
def take_wechat_callback() -> UUID:
    """WeChat Pay tells what came of a payment or a refund: signed and sealed."""
    return _received("wechat")


def _received(gateway: str) -> UUID:
    queries.require_open(gateway)
    request.max_content_length = LARGEST_CALLBACK
    return actions.receive_callback(gateway, dict(request.headers), request.get_data())


def _played(kept: tuple[UUID | None, UUID]) -> dict[str, Any]:
    callback_id, payment_id = kept
    if callback_id is not None:
        _settled(callback_id)
    return _shown(queries.payment(payment_id))


@door.get("/payment-ways", gives=PaymentWaysOut, who=None)
def list_ways() -> dict[str, Any]:
    """How one can pay here: by which gateways, each in which scenes."""
    ways = queries.open_ways()
    return {"items": [{"id": one["gateway"], "kind": "payment_way", **one} for one in ways], "next": None}


@door.post(
    "/sandbox/payments/<uuid:payment_id>/outcome",
    takes=OutcomeIn,
    gives=PlayedOut,
    who="buyer",
    status=200,
    limit="order",
    key="none",
    then=_played,
)
def play_outcome(caller: Caller, payment_id: UUID, given: dict[str, Any]) -> tuple[UUID | None, UUID]:
    """Play the customer of the sandbox: pay, or fail to; or a fault. Only for the payment's own buyer."""
    queries.require_sandbox()
    payment = queries.payment_of(caller.buyer, payment_id)
    if given["outcome"] not in {PAID, FAILED}:
        actions.play_fault(payment, given["outcome"])
        return None, payment_id
    return actions.play_outcome(payment, given["outcome"]), payment_id


def _shown(payment: Payment) -> dict[str, Any]:
    shown = {"id": payment.id, "kind": "payment", "status": payment.state}
    return {**shown, "amount": payment.amount, "gateway": payment.gateway}
