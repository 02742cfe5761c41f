"""Questions about payments."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db
from app.core.errors import missing
from app.core.plain import Prepared, Row, prepared
from app.core.signing import signed_path
from app.store.payments.gateways import known_gateway, open_gateway, open_gateways
from app.store.payments.gateways.base import Attempt, Gateway, SettlingGateway
from app.store.payments.gateways.sandbox import gateway as sandbox
from app.store.payments.gateways.sandbox import path_back
from app.store.payments.models import H5, NATIVE, PAGE, PENDING, Callback, How, Payment

PAY_PAGE_SECONDS = 2 * 3600
"""So long a page with what to pay opens for whoever was given its address: others may pay for a buyer."""


@dataclass(frozen=True, slots=True)
class PaymentToPay:
    """A payment for the one who pays it; `amount` in minor units. He pays at `pay_url`, or an app, a mini-program or a
    code with `pay` (docs/api.md); `waits`: neither is there yet, the provider has not answered."""

    id: UUID
    status: str
    amount: int
    gateway: str
    pay_url: str
    scene: str = PAGE
    pay: dict[str, Any] | None = None
    waits: bool = False
    kind: str = "payment"


def payment_of(payer: Ref, payment_id: UUID) -> Payment:
    """A payment of this payer. Raises Refused 404, also for another's."""
    found = payment(payment_id)
    if (found.payer_kind, found.payer_id) != payer:
        raise missing()
    return found


def payment(payment_id: UUID) -> Payment:
    """A payment as it is now. Raises Refused 404."""
    found = _ONE.row(id=payment_id)
    if found is None:
        raise missing()
    return Payment(**found._asdict())


def payments_for(payable: Ref) -> Sequence[Row]:
    """All attempts to pay `payable`, first one first: {id, attempt, state, amount, gateway}."""
    return _OF_PAYABLE.rows(kind=payable.kind, payable=payable.id)


_COLUMNS = select(*Payment.__table__.columns)
_ONE = Prepared(_COLUMNS.where(Payment.id == bindparam("id", type_=Uuid)))
_OF_PAYABLE = prepared(
    "SELECT id, attempt, state, amount, gateway FROM payments_payments"
    " WHERE payable_kind = :kind AND payable_id = :payable ORDER BY attempt"
)
Stands = Callable[[UUID], str]
WAITING, SETTLED, CLOSED = "waiting", "settled", "closed"
_stands: dict[str, Stands] = {}
_pages: dict[str, str] = {}


def tells_standing(kind: str, page: str) -> Callable[[Stands], Stands]:
    """Register how payables of this kind stand: find(id) -> WAITING for money, SETTLED with it or CLOSED without; and
    the page of each, with {id} in its place.

    So no attempt needs to be told that another one has settled its payable: who is about to pay asks.
    """

    def register(find: Stands) -> Stands:
        _stands[kind], _pages[kind] = find, page
        return find

    return register


def back_of(payment: Payment) -> str:
    """The page of what `payment` pays for."""
    return _pages.get(payment.payable_kind, "/").format(id=payment.payable_id)


def standing_of(payment: Payment) -> str:
    """How what `payment` pays for stands now."""
    return stands(payment.payable_kind, payment.payable_id)


def to_pay(payment: Payment, how: How) -> PaymentToPay:
    """A payment with where it is paid."""
    what = (payment.id, payment.state, payment.amount, payment.gateway)
    if payment.wants_call:
        return PaymentToPay(*what, "", payment.scene, waits=True)
    if payment.pay is not None:
        return PaymentToPay(*what, payment.pay["url"], payment.scene, payment.pay["pay"] or None)
    if not open_gateway(payment.gateway).begins_here(payment.scene):
        return PaymentToPay(*what, "", payment.scene)
    begun = open_gateway(payment.gateway).begin(attempt_of(payment, how))
    return PaymentToPay(*what, begun.url, payment.scene, begun.pay or None)


def attempt_of(payment: Payment, how: How | None = None) -> Attempt:
    """A payment for its gateway."""
    told = how or (How(**payment.how) if payment.how else How(payment.scene))
    payer, times = Ref(payment.payer_kind, payment.payer_id), (payment.created_at, payment.pay_by)
    return Attempt(payment.id, payment.gateway, payment.amount, payment.currency, payer, *times, told)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a provider is asked about a payment: "begin", "query" or "close". `age` of the payment in seconds;
    `holds_up`: something waits until it is closed."""

    attempt: Attempt
    wants: str
    payable: Ref
    age: float
    holds_up: bool


def asking_of(row: Row, *, is_over: bool) -> Asking:
    """What is to be asked about a payment that was taken (models.TAKE); `is_over`: nobody may pay it any more."""
    payer, times = Ref(row.payer_kind, row.payer_id), (row.created_at, row.pay_by)
    how = How(**row.how) if row.how else How(row.scene)
    attempt = Attempt(row.id, row.gateway, row.amount, row.currency, payer, *times, how)
    wants = "close" if is_over else "begin" if row.how is not None and row.pay is None else "query"
    payable = Ref(row.payable_kind, row.payable_id)
    return Asking(attempt, wants, payable, float(row.age), row.holds_up)


def open_ways() -> list[dict[str, Any]]:
    """How one can pay on this installation: {"gateway", "scenes"} each."""
    return [{"gateway": one.name, "scenes": sorted(one.scenes)} for one in open_gateways()]


@dataclass(frozen=True, slots=True)
class BrowserWay:
    """A way to pay in a browser: its gateway, in which scene, and what it is called."""

    gateway: str
    scene: str
    zh: str
    en: str


def browser_ways(is_phone: bool, *, at_once: bool, among: Collection[str] | None = None) -> list[BrowserWay]:
    """How one can pay in a browser on this installation, by these gateways (None: by all): on a provider's own page, or
    by a code that is scanned; and (`at_once`: for the person himself) from what he has here."""
    order = (H5, PAGE, NATIVE) if is_phone else (PAGE, NATIVE, H5)
    found = []
    for one in (one for one in open_gateways() if among is None or one.name in among):
        scene = next((scene for scene in order if scene in one.scenes), None)
        if scene is not None and (at_once or not isinstance(one, SettlingGateway)):
            found.append(BrowserWay(one.name, scene, *one.title))
    return found


def page_of(paying: PaymentToPay) -> str:
    """Where a browser goes to pay what was just begun: a page of ours, from which a link leads to the provider's. Our
    policy (form-action) lets no form end elsewhere."""
    if paying.pay_url.startswith(("/", f"{settings.public_url.rstrip('/')}/")) and not paying.waits:
        return paying.pay_url
    return signed_path(f"/payments/{paying.id}", PAY_PAGE_SECONDS)


def is_being_closed(kind: str, payable_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """SQL: whether a payable of this kind waits for a provider to say that nobody can pay it any more."""
    mine = (Payment.payable_kind == kind, Payment.payable_id == payable_id, Payment.state == PENDING)
    return exists().where(*mine, Payment.closing_until > clock.db_now())


def stands(kind: str, payable_id: UUID) -> str:
    """How a payable stands now; one of a kind that nobody has registered waits."""
    return _stands[kind](payable_id) if kind in _stands else WAITING


def sandbox_payment(payer: Ref | None, payment_id: UUID, given: str) -> tuple[Payment, str | None]:
    """(payment, path back) for the sandbox's pay page: for the payer, and for whoever has the address with its pass.

    Raises Refused 404 for anybody else, and for everybody where the sandbox is closed.
    """
    require_sandbox()
    back = path_back(payment_id, given)
    found = payment(payment_id)
    if found.gateway != sandbox.name:
        raise missing()
    if back is None and payer != (found.payer_kind, found.payer_id):
        raise missing()
    return found, back


def require_sandbox() -> None:
    """Raises Refused 404 where the sandbox is closed: as if it were not there."""
    require_open(sandbox.name)


def require_open(gateway: str) -> None:
    """Raises Refused 404 where this gateway is closed."""
    if not known_gateway(gateway).is_open():
        raise missing()


def callback_gateway(callback_id: UUID) -> Gateway:
    """The gateway that sent a callback."""
    return known_gateway(db.session.scalars(select(Callback.gateway).where(Callback.id == callback_id)).one())
