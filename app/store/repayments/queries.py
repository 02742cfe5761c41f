"""Questions about refunds; and what those who run the shop see of payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from app.core.caller import Ref
from app.core.db import db
from app.core.errors import missing
from app.core.plain import Row, prepared
from app.store.payments.models import Payment, PaymentEvent
from app.store.repayments.models import FAILED, Refund

MOST_EVENTS = 500
MOST_COUNTED = 1000


def refunds_for(payable: Ref) -> Sequence[Row]:
    """All refunds of payments of `payable`, oldest first: {id, amount, state, reason}."""
    return _OF_PAYABLE.rows(kind=payable.kind, payable=payable.id)


_OF_PAYABLE = prepared(
    "SELECT r.id, r.amount, r.state, r.reason FROM payments_payments p JOIN payments_refunds r ON r.payment_id = p.id"
    " WHERE p.payable_kind = :kind AND p.payable_id = :payable ORDER BY r.created_at, r.id"
)


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A payment with its refunds, and what happened to both, the first thing first."""

    payment: Payment
    refunds: Sequence[Refund]
    events: Sequence[PaymentEvent]


def payment_file(payment_id: UUID) -> PaymentFile:
    """All that is known of a payment, of its events the last MOST_EVENTS. Raises Refused 404."""
    payment = db.session.get(Payment, payment_id)
    if payment is None:
        raise missing("没有这笔支付", "There is no such payment.")
    refunds = select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.created_at, Refund.id)
    events = select(PaymentEvent).where(PaymentEvent.payment_id == payment_id).order_by(PaymentEvent.id.desc())
    last = db.session.scalars(events.limit(MOST_EVENTS)).all()
    return PaymentFile(payment, db.session.scalars(refunds).all(), last[::-1])


def latest_payments(limit: int, before: UUID | None = None) -> Sequence[Payment]:
    """Payments, the latest first, below the id `before`."""
    wanted = select(Payment).order_by(Payment.id.desc()).limit(limit)
    return db.session.scalars(wanted if before is None else wanted.where(Payment.id < before)).all()


def payments_about(words: str) -> Sequence[Payment]:
    """Payments of this id, of what was paid for, of a refund, or with this number at a provider; at most 50."""
    number = _id_in(words)
    if number is None:
        which = Payment.reference == words
    else:
        refunded = select(Refund.payment_id).where(Refund.id == number).scalar_subquery()
        which = or_(Payment.id == number, Payment.payable_id == number, Payment.id == refunded)
    return db.session.scalars(select(Payment).where(which).order_by(Payment.id.desc()).limit(50)).all()


def failed_refunds(limit: int, after: UUID | None = None) -> Sequence[Refund]:
    """Refunds that their provider refused, the longest waiting first, from the id `after` on."""
    wanted = select(Refund).where(Refund.state == FAILED).order_by(Refund.id).limit(limit)
    return db.session.scalars(wanted if after is None else wanted.where(Refund.id > after)).all()


def failed_count() -> int:
    """How many refunds have failed; counted up to MOST_COUNTED."""
    some = select(Refund.id).where(Refund.state == FAILED).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _id_in(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
