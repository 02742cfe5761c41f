"""What is done about payments: begin one, take in a provider's callback, settle it, ask for a refund.

A callback goes in two steps, each in a transaction of its own: first it is kept, then it is settled. Dying in between
leaves a kept row that the sweep settles; being told the same again finds the row and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.core import clock, money
from app.core.caller import Ref
from app.core.db import db
from app.core.errors import Refused, is_repeatable
from app.core.events import emit
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.observability import security_event
from app.core.plain import prepared
from app.store.payments.events import PaymentFailed, PaymentSettled, RefundDue
from app.store.payments.gateways import open_gateway
from app.store.payments.gateways.base import BadCallback, Told
from app.store.payments.gateways.sandbox import signed
from app.store.payments.models import PAID, PENDING, Callback, Payment, Refund

log = structlog.get_logger("payments")
LONGEST_WAIT = 3600
"""Seconds."""
NO_CHANGE, WRONG_AMOUNT, UNKNOWN_PAYMENT = "no_change", "wrong_amount", "unknown_payment"


def begin_payment(payable: Ref, payer: Ref, amount: int, gateway_name: str) -> Payment:
    """Begin the next attempt to pay `payable`: `amount` in minor units. Earlier attempts stay open at their provider.

    The caller has locked the payable; without that, the second of two at once is refused (409). Raises Refused 422
    for a gateway that this installation does not have.
    """
    open_gateway(gateway_name)
    payment = Payment(
        id=new_id(),
        payable_kind=payable.kind,
        payable_id=payable.id,
        payer_kind=payer.kind,
        payer_id=payer.id,
        amount=amount,
        currency=money.CURRENCY,
        gateway=gateway_name,
        state=PENDING,
    )
    names = ("id", "payable_kind", "payable_id", "payer_kind", "payer_id", "amount", "currency", "gateway", "state")
    payment.attempt = _BEGIN.rows(**{name: getattr(payment, name) for name in names})[0].attempt
    return payment


def receive_callback(gateway_name: str, headers: Mapping[str, str], body: bytes) -> UUID:
    """Keep what a provider told us and answer the id of the kept row; told again, the id of the same row.

    What can never be settled (another amount, a payment that does not exist) is kept with that as its result, until the
    provider corrects the event: then its row says what is right, and the security log what was wrong. Raises Refused
    401 for a forged or unsigned one, 400 for one older than 5 minutes or unreadable, 409 for an event that was not
    refused and now has other content; these keep nothing but a line of the security log.
    """
    told = _read(gateway_name, headers, body)
    given = {"id": new_id(), "gateway": gateway_name, "ahead": clock.ahead(), **asdict(told)}
    fresh = _KEEP.row(**given)
    if fresh is None:
        return _kept_before(gateway_name, told)
    if fresh.result is not None:
        said = {"event_id": told.event_id, "outcome": told.outcome, "amount": told.amount}
        payment = str(told.payment_id)
        security_event("callback_refused", gateway=gateway_name, reason=fresh.result, payment=payment, **said)
    kept: UUID = fresh.id
    return kept


def settle_callback(callback_id: UUID) -> dict[str, Any]:
    """Do what a kept callback says, once; answers {"id", "payment_id", "result"}, always the same.

    `paid` counts after `failed`, `failed` does not count after `paid`, neither counts twice ("no_change").
    """
    reach("callback.kept")
    told = _SETTLE.rows(id=callback_id, ahead=clock.ahead())[0]
    if told.payable_id is not None and told.outcome == PAID:
        emit(PaymentSettled(told.payment_id, told.payable_kind, told.payable_id, told.amount, told.gateway))
    elif told.payable_id is not None:
        emit(PaymentFailed(told.payment_id, told.payable_kind, told.payable_id))
    reach("settle.before_commit")
    result = told.result or (NO_CHANGE if told.payable_id is None else told.outcome)
    return {"id": told.id, "kind": "callback", "payment_id": told.payment_id, "result": result}


def settle_kept(most: int = 20) -> int:
    """Settle callbacks that were kept and not settled; answers how many were tried. A sweep.

    One that fails again is put off, twice as long each time, so that it never holds up the others.
    """
    due = db.session.scalars(
        select(Callback.id)
        .where(Callback.settled_at.is_(None), Callback.next_try_at <= clock.db_now())
        .order_by(Callback.next_try_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for callback_id in due:
        _settle_or_put_off(callback_id)
    reach("sweep.before_commit")
    return len(due)


def play_outcome(payment: Payment, outcome: str) -> UUID:
    """What the sandbox does when its customer has decided: it sends a signed callback. Answers the kept row's id."""
    headers, body = signed(payment, outcome)
    return receive_callback(payment.gateway, headers, body)


def ask_refund(payment_id: UUID, amount: int, reason: str) -> Refund:
    """Note that `amount` (minor units, > 0) of a settled payment must go back; once for each reason.

    Raises Refused 409 for more than was paid, all refunds of the payment taken together.
    """
    payment = select(Payment.amount, Payment.state).where(Payment.id == payment_id)
    paid = db.session.execute(payment.with_for_update()).one()
    found = db.session.scalar(select(Refund).where(Refund.payment_id == payment_id, Refund.reason == reason))
    if found is not None:
        return found
    already = db.session.scalar(select(func.sum(Refund.amount)).where(Refund.payment_id == payment_id)) or 0
    if paid.state != PAID or already + amount > paid.amount:
        raise Refused(409, "refund_too_large", "退款超过已付金额", "More than was paid cannot be refunded.")
    refund = Refund(id=new_id(), payment_id=payment_id, amount=amount, reason=reason)
    db.session.add(refund)
    emit(RefundDue(refund.id))
    db.session.flush()
    return refund


def _read(gateway_name: str, headers: Mapping[str, str], body: bytes) -> Told:
    try:
        return open_gateway(gateway_name).read_callback(headers, body)
    except BadCallback as error:
        security_event("callback_refused", gateway=gateway_name, reason=error.reason)
        status = 401 if error.reason in {"unsigned", "forged"} else 400
        zh, en = "回调未通过验证", "This callback was not accepted."
        raise Refused(status, f"callback_{error.reason}", zh, en) from error


def _kept_before(gateway_name: str, told: Told) -> UUID:
    """The row of an event that we were told before. It is visible: the insert waited for its transaction."""
    known = select(Callback).where(Callback.gateway == gateway_name, Callback.event_id == told.event_id)
    row = db.session.scalars(known).one()
    if (row.payment_id, row.outcome, row.amount) != (told.payment_id, told.outcome, told.amount):
        security_event("callback_refused", gateway=gateway_name, reason="event_reused", event_id=told.event_id)
        zh, en = "此事件编号已用于另一内容", "This event was told before with another content."
        raise Refused(409, "event_reused", zh, en)
    return row.id


def _settle_or_put_off(callback_id: UUID) -> None:
    try:
        with db.session.begin_nested():
            settle_callback(callback_id)
    except Exception as error:
        if isinstance(error, DBAPIError) and (error.connection_invalidated or is_repeatable(error)):
            raise
        log.exception("callback_put_off", callback=str(callback_id))
        db.session.execute(_PUT_OFF, {"id": callback_id, "ahead": clock.ahead(), "longest": LONGEST_WAIT})


_BEGIN = prepared(
    "INSERT INTO payments_payments (id, payable_kind, payable_id, attempt, payer_kind, payer_id, amount, currency,"
    "  gateway, state)"
    " SELECT :id, :payable_kind, :payable_id, coalesce(max(attempt), 0) + 1, :payer_kind, :payer_id, :amount,"
    "  :currency, :gateway, :state FROM payments_payments"
    " WHERE payable_kind = :payable_kind AND payable_id = :payable_id RETURNING attempt"
)
# What can never be settled gets its result at once: the amount of a payment never changes. Its event may be told anew
# with another content; of two that do so at once the second finds the first one's row, no refused one any more.
_KEEP = prepared(
    "INSERT INTO payments_callbacks AS c (id, gateway, event_id, payment_id, outcome, amount, result, settled_at)"
    " SELECT :id, :gateway, :event_id, :payment_id, :outcome, :amount, r.result,"
    "  CASE WHEN r.result IS NOT NULL THEN now() + CAST(:ahead AS interval) END"
    " FROM (SELECT CASE WHEN max(amount) IS NULL THEN 'unknown_payment' WHEN max(amount) <> :amount THEN 'wrong_amount'"
    "   END AS result FROM payments_payments WHERE id = :payment_id AND gateway = :gateway) r"
    " ON CONFLICT (gateway, event_id) DO UPDATE SET payment_id = EXCLUDED.payment_id, outcome = EXCLUDED.outcome,"
    "  amount = EXCLUDED.amount, result = EXCLUDED.result, settled_at = EXCLUDED.settled_at, tries = EXCLUDED.tries,"
    "  received_at = EXCLUDED.received_at, next_try_at = EXCLUDED.next_try_at"
    " WHERE c.result IN ('unknown_payment', 'wrong_amount') AND (c.payment_id, c.outcome, c.amount, c.result)"
    "  IS DISTINCT FROM (EXCLUDED.payment_id, EXCLUDED.outcome, EXCLUDED.amount, EXCLUDED.result)"
    " RETURNING id, result"
)
# The row of the callback is locked first: whoever waited for it finds its result, and moves nothing.
_SETTLE = prepared(
    "WITH told AS (SELECT id, payment_id, outcome, amount, result FROM payments_callbacks WHERE id = :id FOR UPDATE),"
    " moved AS (UPDATE payments_payments p SET state = t.outcome, settled_at = now() + :ahead FROM told t"
    "  WHERE p.id = t.payment_id AND p.amount = t.amount AND t.result IS NULL"
    "   AND (p.state = 'pending' OR p.state = 'failed' AND t.outcome = 'paid')"
    "  RETURNING p.payable_kind, p.payable_id, p.gateway),"
    " recorded AS (UPDATE payments_callbacks c SET settled_at = now() + :ahead,"
    "   result = CASE WHEN EXISTS (SELECT 1 FROM moved) THEN t.outcome ELSE 'no_change' END"
    "  FROM told t WHERE c.id = t.id AND t.result IS NULL)"
    " SELECT t.id, t.payment_id, t.outcome, t.amount, t.result, m.payable_kind, m.payable_id, m.gateway"
    " FROM told t LEFT JOIN moved m ON true"
)
_PUT_OFF = text(
    "UPDATE payments_callbacks SET tries = tries + 1, next_try_at = now() + :ahead"
    " + make_interval(secs => least(:longest, 5 * 2 ^ least(tries, 12))) WHERE id = :id"
)
