"""What is done about refunds: ask for one, send it to the provider, record what came of it.

A refund is sent in three steps: it is taken for a while (state "sent"), its provider is asked outside of any
transaction, the answer is recorded. Its id is its number there, the same at each try: who dies after asking leaves it
to the next one, who looks first what came of it. So it is paid once.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.core import audit, clock
from app.core.caller import Caller, Ref
from app.core.db import after_commit, changed, db, in_transaction
from app.core.errors import Refused
from app.core.events import emit
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.observability import security_event
from app.core.plain import prepared
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import REFUNDS_DUE, gateway_account
from app.store.payments.actions import give_back, note_event
from app.store.payments.events import RefundTold
from app.store.payments.models import PAID, REFUNDED, Payment
from app.store.repayments.events import RefundDone, RefundDue, RefundFailed
from app.store.repayments.models import DONE, DUE, FAILED, SENT, Refund

LEASE = timedelta(seconds=30)
"""How long whoever sends a refund has it for himself: longer than any call."""
MOST_TRIES = 10
"""Of a refund that its provider refuses; then an operator decides. One without a clear answer is asked for ever."""
RETRY = audit.act("refund_retried", "重试退款", "retried a refund")


@dataclass(frozen=True, slots=True)
class Sending:
    """A refund that was taken to be sent; `before`: its state until then."""

    id: UUID
    payment_id: UUID
    amount: int
    reason: str
    tries: int
    before: str


def ask_refund(payment_id: UUID, amount: int, reason: str) -> Refund:
    """Note that `amount` (minor units, > 0) of a settled payment must go back; once for each reason.

    Whoever asks has posted, or posts in the same transaction, a journal that credits REFUNDS_DUE with it. Raises
    Refused 409 for more than was paid, all refunds of the payment taken together.
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


def take_due(most: int) -> list[Sending]:
    """Refunds that are to be sent now, each held for who sends it. For a sweep."""
    taken = [Sending(*row) for row in _TAKE.rows(most=most, lease=LEASE, ahead=clock.ahead())]
    for one in taken:
        note_event(one.payment_id, "refund_asked", one.id, before=one.before, after=SENT, detail={"try": one.tries})
    return taken


def send(sending: Sending) -> None:
    """Ask the provider for the refund, and record what it answers. Opens transactions of its own."""
    what = (sending.payment_id, sending.id, sending.amount, sending.reason)
    answer = give_back(*what, was_asked=sending.before != DUE)
    reach(f"refund.answered.{answer.what}")
    in_transaction(lambda: record(sending, answer.what, answer.reason, answer.reference))


def record(sending: Sending, what: str, reason: str = "", reference: str | None = None) -> None:
    """What became of a refund that was sent: "refunded", "declined", or neither yet ("refunding", "unclear")."""
    if what == REFUNDED:
        _finish(sending, reference)
    elif what == DECLINED:
        _fail(sending, reason)
    else:
        wait = min(3600, 10 * 2 ** min(sending.tries, 9))
        _move(sending, SENT, {"error": reason or None, "next_try_at": _after(wait)}, {"what": what, "reason": reason})


def take_told(told: RefundTold) -> None:
    """A provider told of a refund by itself. What does not fit ours moves nothing, and the security log says so."""
    wanted = select(Refund).where(Refund.id == told.refund_id, Refund.payment_id == told.payment_id).with_for_update()
    found = db.session.scalar(wanted)
    if found is None or found.amount != told.amount:
        why = "unknown_refund" if found is None else "wrong_amount"
        said = {"reason": why, "refund": str(told.refund_id), "amount": told.amount}
        after_commit(lambda: security_event("callback_refused", **said))
        note_event(told.payment_id, "refund_callback_refused", told.refund_id, detail={"why": why})
        return
    sending = Sending(found.id, found.payment_id, found.amount, found.reason, found.tries, found.state)
    record(sending, REFUNDED if told.outcome == REFUNDED else DECLINED, told.outcome)


def retry_refund(caller: Caller, refund_id: UUID) -> None:
    """An operator has a failed refund sent again now. Raises Refused 409 for one that has not failed."""
    again = update(Refund).where(Refund.id == refund_id, Refund.state == FAILED)
    if not changed(again.values(next_try_at=clock.db_now())):
        raise Refused(409, "refund_not_failed", "此退款不在失败状态", "This refund has not failed.")
    audit.record(caller.person, RETRY, Ref("refund", refund_id))


def _finish(sending: Sending, reference: str | None) -> None:
    values = {"done_at": clock.db_now(), "next_try_at": None, "error": None}
    if not _move(sending, DONE, values if reference is None else {**values, "reference": reference}):
        return
    gateway = db.session.scalars(select(Payment.gateway).where(Payment.id == sending.payment_id)).one()
    sides = [(REFUNDS_DUE, sending.amount), (gateway_account(gateway), -sending.amount)]
    post_journal("refund_paid", Ref("refund", sending.id), sides)
    emit(RefundDone(sending.id, sending.payment_id, sending.amount))


def _fail(sending: Sending, reason: str) -> None:
    wait = _after(min(6 * 3600, 30 * 2**sending.tries)) if sending.tries < MOST_TRIES else None
    if _move(sending, FAILED, {"error": reason[:200], "next_try_at": wait}, {"reason": reason[:200]}):
        emit(RefundFailed(sending.id, sending.payment_id))


def _move(sending: Sending, after: str, values: dict[str, Any], detail: dict[str, Any] | None = None) -> bool:
    """Move a refund that is not done, which it stays; answers whether it was not."""
    moved = changed(update(Refund).where(Refund.id == sending.id, Refund.state != DONE).values(state=after, **values))
    if moved:
        note_event(sending.payment_id, "refund", sending.id, before=SENT, after=after, detail=detail or {})
    return bool(moved)


def _after(seconds: float) -> Any:
    return clock.db_now() + timedelta(seconds=seconds)


DECLINED = "declined"
_TAKE = prepared(
    "WITH due AS (SELECT id FROM payments_refunds WHERE state <> 'done' AND next_try_at <= now() + :ahead"
    "  ORDER BY next_try_at LIMIT :most FOR UPDATE SKIP LOCKED)"
    " UPDATE payments_refunds r SET state = 'sent', tries = tries + 1, next_try_at = now() + :ahead + :lease"
    " FROM due WHERE r.id = due.id RETURNING r.id, r.payment_id, r.amount, r.reason, r.tries, old.state AS before"
)
