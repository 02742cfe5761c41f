"""Questions about payments and refunds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.caller import Ref
from app.core.db import db
from app.core.errors import missing
from app.store.payments.gateways import open_gateway, open_gateways
from app.store.payments.gateways.sandbox import gateway as sandbox
from app.store.payments.gateways.sandbox import path_back
from app.store.payments.models import Payment, Refund


@dataclass(frozen=True, slots=True)
class PaymentToPay:
    """A payment for the one who pays it; `amount` in minor units."""

    id: UUID
    status: str
    amount: int
    gateway: str
    pay_url: str
    kind: str = "payment"


def payment_of(payer: Ref, payment_id: UUID) -> Payment:
    """A payment of this payer. Raises Refused 404, also for another's."""
    found = db.session.get(Payment, payment_id)
    if found is None or (found.payer_kind, found.payer_id) != payer:
        raise missing()
    return found


def payment(payment_id: UUID) -> Payment:
    """A payment as it is now. Raises Refused 404."""
    found = db.session.get(Payment, payment_id, populate_existing=True)
    if found is None:
        raise missing()
    return found


def payments_for(payable: Ref) -> Sequence[Payment]:
    """All attempts to pay `payable`, first one first."""
    mine = (Payment.payable_kind == payable.kind, Payment.payable_id == payable.id)
    return db.session.scalars(select(Payment).where(*mine).order_by(Payment.attempt)).all()


Stands = Callable[[UUID], str]
WAITING, SETTLED, CLOSED = "waiting", "settled", "closed"
_stands: dict[str, Stands] = {}


def tells_standing(kind: str) -> Callable[[Stands], Stands]:
    """Register how payables of this kind stand: find(id) -> WAITING for money, SETTLED with it or CLOSED without.

    So no attempt needs to be told that another one has settled its payable: who is about to pay asks.
    """

    def register(find: Stands) -> Stands:
        _stands[kind] = find
        return find

    return register


def standing_of(payment: Payment) -> str:
    """How what `payment` pays for stands now."""
    return _stands[payment.payable_kind](payment.payable_id)


def refunds_for(payable: Ref) -> Sequence[Refund]:
    """All refunds of payments of `payable`, oldest first."""
    mine = (Payment.payable_kind == payable.kind, Payment.payable_id == payable.id)
    wanted = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(*mine)
    return db.session.scalars(wanted.order_by(Refund.created_at, Refund.id)).all()


def to_pay(payment: Payment, back: str) -> PaymentToPay:
    """A payment with where it is paid; afterwards the browser goes to the path `back` of our own site."""
    url = open_gateway(payment.gateway).pay_url(payment, back)
    return PaymentToPay(payment.id, payment.state, payment.amount, payment.gateway, url)


def sandbox_payment(payer: Ref | None, payment_id: UUID, given: str) -> tuple[Payment, str | None]:
    """(payment, path back) for the sandbox's pay page: for the payer, and for whoever has the address with its pass.

    Raises Refused 404 for anybody else, and for everybody where the sandbox is closed.
    """
    require_sandbox()
    back = path_back(payment_id, given)
    found = db.session.get(Payment, payment_id)
    if found is None or found.gateway != sandbox.name:
        raise missing()
    if back is None and payer != (found.payer_kind, found.payer_id):
        raise missing()
    return found, back


def open_ways() -> list[dict[str, Any]]:
    """How one can pay on this installation: {"gateway"} each."""
    return [{"gateway": one.name} for one in open_gateways()]


def require_sandbox() -> None:
    """Raises Refused 404 where the sandbox is closed: as if it were not there."""
    if not sandbox.is_open():
        raise missing()
