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

from app.core import clock, money
from app.core.config import settings
from app.core.db import in_transaction
from app.core.errors import Refused
from app.core.fields import Choice, Id, In, Money, Text
from app.core.ids import new_id
from app.core.plain import prepared
from app.store.payments.gateways.base import (
    BEGUN,
    CLOSED,
    DECLINED,
    PENDING,
    UNKNOWN,
    Answer,
    Attempt,
    BadCallback,
    Gateway,
    RefundAsked,
    Told,
)
from app.store.payments.models import CREATED, FAILED, PAID, REFUND_FAILED, REFUNDED, SCENES, Payment

HEADER = "Sandbox-Signature"
OLDEST_SECONDS = 300
LONGEST_HEADER = 200
PAYMENT, REFUND, FAULT = "payment", "refund", "fault"
"""Kinds of lines in its books."""
_SHAPE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class SandboxCallbackIn(In):
    """The body of a callback. One about a refund names it; its amount is the refund's."""

    event_id = Text(most=200, required=True)
    payment_id = Id(required=True)
    outcome = Choice(CREATED, PAID, FAILED, REFUNDED, REFUND_FAILED, required=True)
    amount = Money(required=True)
    currency = Text(most=3, load_default=money.CURRENCY)
    reference = Text(most=64, load_default=None)
    refund_id = Id(load_default=None)


class Sandbox(Gateway):
    """Open only with SANDBOX_PAYMENTS=1 and a secret: an empty one could be guessed by anybody.

    Its books are rows of ours that are written in transactions of their own, as if they were far away. So what may
    happen at a real provider can be played: a callback that is lost (`pay_silently`), a refund that fails once.
    """

    name = "sandbox"
    title = ("沙盒支付（不会扣款）", "Sandbox (no money moves)")
    scenes = frozenset(SCENES)
    answers_here = True

    def is_open(self) -> bool:
        return settings.sandbox_payments and bool(settings.sandbox_secret)

    def begin(self, attempt: Attempt) -> Answer:
        """The pay page; its `pass` lets whoever holds the address pay, as at a real provider."""
        given = _passes().dumps([str(attempt.id), attempt.how.back])
        return Answer(BEGUN, url=f"{settings.public_url.rstrip('/')}/sandbox/pay/{attempt.id}?pass={given}")

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Told:
        self._check(headers.get(HEADER, ""), body)
        try:
            said = SandboxCallbackIn().load(orjson.loads(body))
        except (orjson.JSONDecodeError, ValidationError) as error:
            raise BadCallback("unreadable") from error
        if (said["outcome"] in {REFUNDED, REFUND_FAILED}) != (said["refund_id"] is not None):
            raise BadCallback("unreadable")
        return Told(**said)

    def query(self, attempt: Attempt) -> Answer:
        found = _BOOKED.row(kind=PAYMENT, number=attempt.id)
        return Answer(PAID, found.amount, reference=found.id.hex) if found else Answer(PENDING)

    def close(self, attempt: Attempt) -> Answer:
        return Answer(CLOSED)

    def refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        return in_transaction(lambda: self._give_back(attempt, asked))

    def query_refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        found = _BOOKED.row(kind=REFUND, number=asked.id)
        return Answer(REFUNDED, found.amount, reference=found.id.hex) if found else Answer(UNKNOWN)

    def wait(self, age: float) -> int:
        return 30

    def note_paid(self, payment: Payment) -> None:
        """Write into its books that it took this payment."""
        _BOOK.changed(id=new_id(), kind=PAYMENT, number=payment.id, payment_id=payment.id, amount=payment.amount)

    def pay_silently(self, payment: Payment) -> None:
        """Take the money and let the callback be lost. Raises Refused 409 if the payment is not pending."""
        if _STILL_PENDING.row(id=payment.id) is None:
            raise Refused(409, "payment_ended", "此支付已结束", "This payment has ended.")
        self.note_paid(payment)

    def note_fault(self, payment: Payment) -> None:
        """Have the next refund of this payment fail, once."""
        _BOOK.changed(id=new_id(), kind=FAULT, number=payment.id, payment_id=payment.id, amount=0)

    def _give_back(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        """Once for each number, and never more than was paid."""
        _LOCK.rows(number=str(attempt.id))
        known = self.query_refund(attempt, asked)
        if known.what == REFUNDED:
            return known
        if _UNDO_FAULT.changed(number=attempt.id):
            return Answer(DECLINED, reason="the sandbox was told to fail once")
        if _GIVEN.rows(payment_id=attempt.id)[0].amount + asked.amount > attempt.amount:
            return Answer(DECLINED, reason="more than was paid")
        _BOOK.changed(id=new_id(), kind=REFUND, number=asked.id, payment_id=attempt.id, amount=asked.amount)
        return self.query_refund(attempt, asked)

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


_BOOKED = prepared("SELECT id, amount FROM payments_sandbox_books WHERE kind = :kind AND number = :number")
_STILL_PENDING = prepared("SELECT id FROM payments_payments WHERE id = :id AND state = 'pending' FOR UPDATE")
_BOOK = prepared(
    "INSERT INTO payments_sandbox_books (id, kind, number, payment_id, amount)"
    " VALUES (:id, :kind, :number, :payment_id, :amount) ON CONFLICT (kind, number) DO NOTHING"
)
_GIVEN = prepared(
    "SELECT coalesce(sum(amount), 0) AS amount FROM payments_sandbox_books"
    " WHERE payment_id = :payment_id AND kind = 'refund'"
)
_UNDO_FAULT = prepared("DELETE FROM payments_sandbox_books WHERE kind = 'fault' AND number = :number")
_LOCK = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:number, 23))")
