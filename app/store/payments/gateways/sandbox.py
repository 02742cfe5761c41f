"""The sandbox: a small provider of our own for development, with a pay page and signed callbacks.

Its header is `Sandbox-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256(SANDBOX_SECRET, "<t>.<raw body>")>`.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from uuid import UUID

import orjson
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import ValidationError

from app.core import clock
from app.core.config import settings
from app.core.fields import Choice, Id, In, Money, Text
from app.store.payments.gateways.base import BadCallback, Told
from app.store.payments.models import FAILED, PAID, Payment

HEADER = "Sandbox-Signature"
OLDEST_SECONDS = 300
LONGEST_HEADER = 200
_SHAPE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class SandboxCallbackIn(In):
    """The body of a callback."""

    event_id = Text(most=200, required=True)
    payment_id = Id(required=True)
    outcome = Choice(PAID, FAILED, required=True)
    amount = Money(required=True)


class Sandbox:
    """Open only with SANDBOX_PAYMENTS=1 and a secret: an empty one could be guessed by anybody."""

    name = "sandbox"

    def is_open(self) -> bool:
        return settings.sandbox_payments and bool(settings.sandbox_secret)

    def pay_url(self, payment: Payment, back: str) -> str:
        """The pay page; its `pass` lets whoever holds the address pay, as at a real provider."""
        given = _passes().dumps([str(payment.id), back])
        return f"{settings.public_url.rstrip('/')}/sandbox/pay/{payment.id}?pass={given}"

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Told:
        self._check(headers.get(HEADER, ""), body)
        try:
            said = SandboxCallbackIn().load(orjson.loads(body))
        except (orjson.JSONDecodeError, ValidationError) as error:
            raise BadCallback("unreadable") from error
        return Told(said["event_id"], said["payment_id"], said["outcome"], said["amount"])

    def _check(self, header: str, body: bytes) -> None:
        shape = _SHAPE.fullmatch(header) if len(header) <= LONGEST_HEADER else None
        if shape is None:
            raise BadCallback("unsigned")
        stamp, given = int(shape[1]), shape[2]
        if not hmac.compare_digest(given, _mac(shape[1], body)):
            raise BadCallback("forged")
        if abs(clock.now().timestamp() - stamp) > OLDEST_SECONDS:
            raise BadCallback("too_old")


gateway = Sandbox()


def signed(payment: Payment, outcome: str) -> tuple[dict[str, str], bytes]:
    """(headers, body) of the callback that the sandbox sends; an outcome that is played again is the same event."""
    what = {"event_id": f"{payment.id}:{outcome}", "payment_id": payment.id}
    body = orjson.dumps({**what, "outcome": outcome, "amount": payment.amount})
    return {HEADER: header_for(body, int(clock.now().timestamp()))}, body


def header_for(body: bytes, stamp: int) -> str:
    """The signature header of `body` at `stamp` (unix seconds)."""
    return f"t={stamp},v1={_mac(str(stamp), body)}"


def path_back(payment_id: UUID, given: str) -> str | None:
    """Where the browser goes after paying, if `given` is the pass of this payment; None for any other text."""
    try:
        known, back = _passes().loads(given)
    except (BadData, ValueError, TypeError):
        return None
    return str(back) if known == str(payment_id) else None


def _mac(stamp: str, body: bytes) -> str:
    return hmac.new(settings.sandbox_secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _passes() -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="sandbox.pay")
