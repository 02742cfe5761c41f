"""Payments by the sandbox, what it told of them, and what the ledger says of what was paid."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from app.core import money
from app.core.bulk import Columns
from app.core.config import settings
from app.core.db import db
from app.operate.crowd.kinds.base import Batch, Town
from app.operate.crowd.kinds.bought import Bought
from app.operate.crowd.kinds.chance import bits, id_of
from app.operate.crowd.kinds.shops import GATEWAY
from app.store.ledger.models import Account, Journal, LedgerEntry
from app.store.ledger.queries import gateway_account, shop_account
from app.store.orders.queries import PURCHASE
from app.store.payments.events import PaymentFailed, PaymentSettled
from app.store.payments.models import CLOSED, FAILED, PAID, PENDING, Callback, Payment, PaymentEvent

PAYMENTS = Columns(
    Payment,
    (
        *("id", "payable_kind", "payable_id", "attempt", "payer_kind", "payer_id", "amount", "currency", "gateway"),
        *("state", "created_at", "settled_at", "pay_by"),
    ),
)
CALLBACKS = Columns(
    Callback,
    (
        *("id", "gateway", "event_id", "payment_id", "outcome", "amount", "received_at", "settled_at", "result"),
        "next_try_at",
    ),
)
EVENTS = Columns(PaymentEvent, ("payment_id", "what", "before", "after", "detail", "at"))
JOURNALS = Columns(Journal, ("id", "kind", "subject_kind", "subject_id", "at"))
ENTRIES = Columns(LedgerEntry, ("journal_id", "account_id", "amount", "currency"))
TABLES = (PAYMENTS, CALLBACKS, EVENTS, JOURNALS, ENTRIES)
Books = Mapping[str, UUID]
"""The ids of the ledger's accounts by name."""


def books(town: Town) -> Books:
    """All accounts there are: one a shop, and a few."""
    return {row.name: row.id for row in db.session.execute(select(Account.name, Account.id))}


def pay(batch: Batch, one: Bought, orders: Sequence[tuple[UUID, UUID, int]], chance: Random, known: Books) -> UUID:
    """The payment that was settled, now and then after one that failed; answers its id."""
    attempt, begun = 1, one.placed + (one.ended - one.placed) / 2
    if chance.random() < 0.06:
        failed_id = _attempt(batch, one, attempt, FAILED, one.placed + (begun - one.placed) / 2, begun)
        batch.tell(PaymentFailed(failed_id, PURCHASE, one.id))
        attempt = 2
    payment_id = _attempt(batch, one, attempt, PAID, begun, one.ended)
    batch.tell(PaymentSettled(payment_id, PURCHASE, one.id, one.total, GATEWAY))
    for order_id, shop_id, total in orders:
        journal_id = id_of(one.ended, bits("journal", order_id))
        batch.add(JOURNALS, journal_id, "order_paid", "order", order_id, one.ended)
        batch.add(ENTRIES, journal_id, known[gateway_account(GATEWAY)], total, money.CURRENCY)
        batch.add(ENTRIES, journal_id, known[shop_account(shop_id)], -total, money.CURRENCY)
    return payment_id


def give_up(batch: Batch, one: Bought, chance: Random) -> None:
    """Some of those who did not pay had begun to; that was closed in the end."""
    if chance.random() < 0.4:
        payment_id = _attempt(batch, one, 1, CLOSED, one.placed + timedelta(seconds=60), None)
        batch.add(EVENTS, payment_id, "closed", PENDING, CLOSED, {}, one.ended)


def _attempt(batch: Batch, one: Bought, attempt: int, state: str, begun: datetime, settled: datetime | None) -> UUID:
    payment_id = id_of(begun, bits("payment", one.number, attempt))
    what = (PURCHASE, one.id, attempt, *one.buyer, one.total, money.CURRENCY, GATEWAY)
    pay_by = one.placed + timedelta(seconds=settings.unpaid_seconds)
    batch.add(PAYMENTS, payment_id, *what, state, begun, settled, pay_by)
    batch.add(EVENTS, payment_id, "begun", None, PENDING, {}, begun)
    if settled is not None:
        told = (id_of(settled, bits("callback", one.number, attempt)), GATEWAY, f"{payment_id}:{state}", payment_id)
        times = (settled, settled, state, settled + timedelta(seconds=2))
        batch.add(CALLBACKS, *told, state, one.total, *times)
        said = {"event": told[2], "outcome": state, "amount": one.total, "reference": None}
        batch.add(EVENTS, payment_id, "callback", PENDING, state, said, settled)
    return payment_id
