"""What is done about payments: begin one, take in a provider's callback, settle it, close what nobody may pay any more.

A callback goes in two steps: first it is kept, then it is settled. At the doors of providers they are one transaction
where both go well; where settling fails, keeping is one of its own, and the sweep settles what was kept. Being told the
same again finds the row and changes nothing. An answer that says "paid" is taken for a callback too.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.core import clock, money
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import after_commit, db, in_transaction
from app.core.errors import Refused, bad_field, is_repeatable, missing
from app.core.events import emit
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.observability import security_event
from app.core.outside import Calls, Wanted
from app.core.plain import Row
from app.store.payments import models
from app.store.payments.events import PaymentFailed, PaymentSettled, RefundTold
from app.store.payments.gateways import known_gateway, local_gateways, open_gateway
from app.store.payments.gateways.base import BEGUN, DECLINED, Answer, BadCallback, RefundAsked, SettlingGateway, Told
from app.store.payments.gateways.sandbox import gateway as sandbox
from app.store.payments.gateways.sandbox import signed
from app.store.payments.models import CLOSED, FAILED, LOST, MINI, PAID, PENDING, Callback, How, Payment, PaymentEvent
from app.store.payments.queries import WAITING, Asking, PaymentToPay, asking_of, attempt_of, stands, to_pay

log = structlog.get_logger("payments")
LONGEST_WAIT = 3600
"""Seconds."""
LEASE_SECONDS = 15
"""How long whoever asks a provider has a payment for himself: longer than any call."""
CLOSING_WAIT = 3
"""Seconds between two tries to close what holds up its payable."""
NO_CHANGE, WRONG_AMOUNT, WRONG_CURRENCY = "no_change", "wrong_amount", "wrong_currency"
UNKNOWN_PAYMENT = "unknown_payment"
ANYHOW = How()


def begin_payment(
    payable: Ref, payer: Ref, amount: int, gateway_name: str, how: How = ANYHOW, pay_by: datetime | None = None
) -> Payment:
    """Begin the next attempt to pay `payable`: `amount` in minor units. Earlier attempts stay open at their provider.

    The caller has locked the payable; without that, the second of two at once is refused (409). `pay_by`: until when
    the provider may take the money. One that pays at once (the wallet) is settled when this returns. Raises Refused 422
    for a gateway that this installation does not have or that is not for this scene, 409 "balance_too_low".
    """
    gateway = open_gateway(gateway_name)
    if how.scene not in gateway.scenes:
        raise bad_field("scene", "此支付方式不支持该场景", "This way to pay is not for this scene.")
    if how.scene == MINI and gateway.needs_openid and not how.openid:
        raise bad_field("openid", "小程序支付须提供 openid", "A mini-program must say who pays.")
    payment = Payment(
        id=new_id(),
        payable_kind=payable.kind,
        payable_id=payable.id,
        payer_kind=payer.kind,
        payer_id=payer.id,
        amount=amount,
        currency=money.CURRENCY,
        gateway=gateway_name,
        state=PAID if isinstance(gateway, SettlingGateway) else PENDING,
        scene=how.scene,
        how=None if gateway.begins_here(how.scene) else asdict(how),
        pay_by=pay_by,
        created_at=clock.now(),
    )
    known: dict[str, Any] = {name: getattr(payment, name) for name in models.BEGIN_COLUMNS}
    known["how"] = orjson.dumps(payment.how).decode() if payment.how else None
    wait = timedelta(seconds=LEASE_SECONDS if payment.wants_call else gateway.wait(0))
    payment.attempt = models.BEGIN.rows(**known, wait=wait, ahead=clock.ahead())[0].attempt
    if isinstance(gateway, SettlingGateway):
        gateway.spend(attempt_of(payment, how))
        emit(PaymentSettled(payment.id, payable.kind, payable.id, amount, gateway_name))
    return payment


def receive_callback(gateway_name: str, headers: Mapping[str, str], body: bytes) -> UUID:
    """Keep what a provider told us and answer the id of the kept row; told again, the id of the same row.

    What can never be settled (another amount or currency, a payment that does not exist) is kept with that as its
    result, until the provider corrects the event: then its row says what is right, and the security log what was wrong.
    Raises Refused 401 for a forged or unsigned one, 400 for one that is too old, of another merchant, or unreadable,
    409 for an event that was not refused and now has other content; these keep nothing but a line of the security log.
    """
    try:
        told = open_gateway(gateway_name).read_callback(headers, body)
    except BadCallback as error:
        security_event("callback_refused", gateway=gateway_name, reason=error.reason)
        status = 401 if error.reason in {"unsigned", "forged"} else 400
        zh, en = "回调未通过验证", "This callback was not accepted."
        raise Refused(status, f"callback_{error.reason}", zh, en) from error
    return keep_told(gateway_name, told)


def keep_told(gateway_name: str, told: Told) -> UUID:
    """Keep what a provider said, be it told or answered; see receive_callback."""
    fresh = models.KEEP.row(id=new_id(), gateway=gateway_name, ahead=clock.ahead(), **asdict(told))
    if fresh is None:
        return _kept_before(gateway_name, told)
    if fresh.result is not None:
        said = {"event_id": told.event_id, "outcome": told.outcome, "amount": told.amount}
        said |= {"gateway": gateway_name, "reason": fresh.result, "payment": str(told.payment_id)}
        after_commit(lambda: security_event("callback_refused", **said))
    kept: UUID = fresh.id
    return kept


def settle_callback(callback_id: UUID) -> dict[str, Any]:
    """Do what a kept callback says, once; answers {"id", "payment_id", "result"}, always the same.

    `paid` counts after `failed` and after a closing, `failed` does not count after `paid`, neither counts twice
    ("no_change").
    """
    reach("callback.kept")
    told = models.SETTLE.rows(id=callback_id, ahead=clock.ahead())[0]
    if told.payable_id is not None and told.outcome == PAID:
        emit(PaymentSettled(told.payment_id, told.payable_kind, told.payable_id, told.amount, told.gateway))
    elif told.payable_id is not None:
        emit(PaymentFailed(told.payment_id, told.payable_kind, told.payable_id))
    elif told.refund_id is not None and told.result is None:
        emit(RefundTold(told.refund_id, told.payment_id, told.outcome, told.amount))
    reach("settle.before_commit")
    result = told.result or (NO_CHANGE if told.payable_id is None and told.refund_id is None else told.outcome)
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
    """What the sandbox does when its customer has decided: a signed callback. Answers the kept row's id. Raises
    Refused 404 for a payment that is another gateway's."""
    _require_sandboxed(payment)
    if outcome == PAID:
        sandbox.note_paid(payment)
    headers, body = signed(payment, outcome)
    return receive_callback(payment.gateway, headers, body)


def play_fault(payment: Payment, fault: str) -> None:
    """The sandbox's customer pays and the callback is lost ("lost"), or his next refund fails once ("refund_fails").

    Raises Refused 404 as play_outcome, 409 if a payment that he pays is not pending any more.
    """
    _require_sandboxed(payment)
    if fault == LOST:
        sandbox.pay_silently(payment)
    else:
        sandbox.note_fault(payment)


def close_attempts(kind: str, ids: Collection[UUID]) -> set[UUID]:
    """See to it that nobody can pay these payables any more; answers those of which that is not certain yet.

    What is asked here (the sandbox) is closed at once, unless it has the money. Of other attempts the provider is asked
    by the worker: its answer is waited for, PAYMENT_GRACE_SECONDS at most, since one that does not answer must not keep
    stock for ever; money that comes after that goes back. For whoever has locked the payables and is about to let them
    lapse; queries.is_being_closed passes by those that wait.
    """
    given = {"kind": kind, "ids": list(ids), "ahead": clock.ahead()}
    if not ids or not models.STILL_OPEN.rows(**given):
        return set()
    models.CLOSE_HERE.changed(kind=kind, ids=given["ids"], here=local_gateways())
    models.BEGIN_CLOSING.changed(**given, grace=timedelta(seconds=settings.payment_grace_seconds))
    return {row.payable_id for row in models.STILL_OPEN.rows(**given)}


def take_due(most: int) -> list[Asking]:
    """Payments whose providers are to be asked now, each held for who asks it. For a sweep."""
    lease = {"lease": timedelta(seconds=LEASE_SECONDS), "ahead": clock.ahead()}
    return [_asking(row) for row in models.TAKE_DUE.rows(most=most, **lease)]


def note_answer(asking: Asking, answer: Answer) -> None:
    """Record what a provider answered: settle what is paid, end what is closed or declined, ask again of the rest."""
    attempt = asking.attempt
    if answer.what == PAID:
        sum_ = (answer.amount, answer.currency, answer.reference)
        kept = keep_told(attempt.gateway, Told(f"query:{attempt.number}", attempt.id, PAID, *sum_))
        if settle_callback(kept)["result"] in {PAID, NO_CHANGE}:
            return
    after = {CLOSED: CLOSED, DECLINED: FAILED}.get(answer.what, PENDING)
    pay = orjson.dumps({"url": answer.url, "pay": answer.pay}).decode() if answer.what == BEGUN else None
    wait = CLOSING_WAIT if asking.holds_up else known_gateway(attempt.gateway).wait(asking.age)
    told = {"what": answer.what, "reason": answer.reason[:200]}
    given = {"id": attempt.id, "after": after, "pay": pay, "wait": timedelta(seconds=wait), "ahead": clock.ahead()}
    if models.NOTE.rows(**given, **told) and after == FAILED:
        emit(PaymentFailed(attempt.id, *asking.payable))


def ask_and_note(asking: Asking) -> None:
    """One payment that take_due gave out."""
    answer = known_gateway(asking.attempt.gateway).answer(asking.wants, asking.attempt)
    reach("asked.before_note")
    in_transaction(lambda: note_answer(asking, answer))


def _ask_to_begin(payment_id: UUID) -> tuple[Asking, Answer] | None:
    lease = {"lease": timedelta(seconds=LEASE_SECONDS), "ahead": clock.ahead()}
    row = in_transaction(lambda: models.TAKE.row(id=payment_id, **lease))
    if row is None:
        return None
    asking = asking_of(row, is_over=False)
    return asking, known_gateway(asking.attempt.gateway).answer(asking.wants, asking.attempt)


def _record_begun(payment_id: UUID, found: tuple[Asking, Answer] | None) -> PaymentToPay | Wanted:
    if found is not None:
        note_answer(*found)
    payment = db.session.get_one(Payment, payment_id, populate_existing=True)
    shown = to_pay(payment, How(**payment.how or {}))
    return wanted(shown) if shown.waits else shown


def wanted(paying: PaymentToPay) -> Any:
    """What the view of a door with calls=BEGINNING answers: the payment, or that its provider must be called first."""
    return Wanted(paying.id, paying) if paying.waits else paying


BEGINNING = Calls(_ask_to_begin, _record_begun)
"""The calls of doors that begin payments."""


def give_back(payment_id: UUID, refund_id: UUID, amount: int, reason: str, *, was_asked: bool) -> Answer:
    """Ask the provider to give back money; `was_asked`: look first what came of it. Outside of any transaction."""
    attempt = in_transaction(lambda: attempt_of(db.session.get_one(Payment, payment_id)))
    asked = RefundAsked(refund_id, amount, reason)
    return known_gateway(attempt.gateway).give_back(attempt, asked, was_asked=was_asked)


def note_event(payment_id: UUID, what: str, refund_id: UUID | None = None, **more: Any) -> None:
    """Write down what happened to a payment or its refund; `more`: before, after, detail (PaymentEvent)."""
    db.session.add(PaymentEvent(payment_id=payment_id, refund_id=refund_id, what=what, **more))


def _require_sandboxed(payment: Payment) -> None:
    if payment.gateway != sandbox.name:
        raise missing("没有这笔沙箱支付", "The sandbox has no such payment.")


def _kept_before(gateway_name: str, told: Told) -> UUID:
    """The row of an event that we were told before. It is visible: the insert waited for its transaction."""
    known = select(Callback).where(Callback.gateway == gateway_name, Callback.event_id == told.event_id)
    row = db.session.scalars(known).one()
    if (row.payment_id, row.outcome, row.amount) != (told.payment_id, told.outcome, told.amount):
        security_event("callback_refused", gateway=gateway_name, reason="event_reused", event_id=told.event_id)
        zh, en = "此事件编号已用于另一内容", "This event was told before with another content."
        raise Refused(409, "event_reused", zh, en)
    return row.id


def _asking(row: Row) -> Asking:
    is_needed = row.closing_until is None and stands(row.payable_kind, row.payable_id) == WAITING
    return asking_of(row, is_over=row.is_over or not is_needed)


def _settle_or_put_off(callback_id: UUID) -> None:
    try:
        with db.session.begin_nested():
            settle_callback(callback_id)
    except Exception as error:
        if isinstance(error, DBAPIError) and (error.connection_invalidated or is_repeatable(error)):
            raise
        log.exception("callback_put_off", callback=str(callback_id))
        models.PUT_OFF.changed(id=callback_id, ahead=clock.ahead(), longest=LONGEST_WAIT)
