"""Payments, what providers were asked and told us about them, and the sandbox's own books; and the statements that move
a payment and its callbacks, each of which writes down what it changed (PaymentEvent)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import money
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.core.plain import prepared
from app.core.unchanged import only_added_to

PENDING, PAID, FAILED, CLOSED = "pending", "paid", "failed", "closed"
CREATED, REFUNDED, REFUND_FAILED = "created", "refunded", "refund_failed"
LOST, REFUND_FAILS = "lost", "refund_fails"
"""What the sandbox can be asked to play beside "paid" and "failed"."""
APP, H5, MINI, NATIVE, PAGE = "app", "h5", "mini", "native", "page"
SCENES = (APP, H5, MINI, NATIVE, PAGE)
"""Where the payer pays: in our app, a phone's browser, a mini-program, by scanning a code, on a desktop page."""


@dataclass(frozen=True, slots=True)
class How:
    """How the payer wants to pay. `openid`: who he is to WeChat's mini-program; `ip`: his address, which H5 asks for;
    `back`: the path of our own site that his browser comes back to; `title`: what he reads that he pays."""

    scene: str = PAGE
    openid: str = ""
    ip: str = ""
    back: str = ""
    title: str = ""


class Payment(Model):
    """One attempt to pay a payable. A failed or closed one may still turn out paid; a paid one stays paid.

    `how` is kept where the provider is called to begin it, `pay` what that answered: {"url", "pay"}. `reference` is the
    provider's own number. A pending one is asked about at `next_ask_at`; one with `closing_until` is being closed, and
    holds up its payable until then.
    """

    __tablename__ = "payments_payments"
    __table_args__ = (
        UniqueConstraint("payable_kind", "payable_id", "attempt"),
        CheckConstraint("state IN ('pending', 'paid', 'failed', 'closed')", name="state"),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_payments_payments_payer", "payer_kind", "payer_id"),
        Index("ix_payments_payments_next_ask", "next_ask_at", postgresql_where=text("state = 'pending'")),
        Index("ix_payments_payments_settled", "gateway", "settled_at", "id", postgresql_where=text("state = 'paid'")),
        Index(
            "uq_payments_payments_reference",
            "gateway",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payable_kind: Mapped[str]
    payable_id: Mapped[UUID]
    attempt: Mapped[int]
    payer_kind: Mapped[str]
    payer_id: Mapped[UUID]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(default=money.CURRENCY)
    gateway: Mapped[str]
    state: Mapped[str] = mapped_column(default=PENDING)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]
    scene: Mapped[str] = mapped_column(server_default=PAGE)
    how: Mapped[dict[str, Any] | None]
    pay: Mapped[dict[str, Any] | None]
    pay_by: Mapped[datetime | None]
    reference: Mapped[str | None]
    next_ask_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(server_default=text("0"))
    closing_until: Mapped[datetime | None]

    @property
    def wants_call(self) -> bool:
        """Whether its provider has still to be asked to begin it."""
        return self.state == PENDING and self.how is not None and self.pay is None


class Callback(Model):
    """What a provider told us, kept before anything is done about it. `payment_id` is what it said, so no foreign key.

    `result` says what came of it once `settled_at` is set: "paid", "failed", "refunded", "no_change", or why it was
    refused ("wrong_amount", "wrong_currency", "unknown_payment"). A refused one is written over when its event is told
    anew with other content. What we were answered when we asked is kept the same way: its event begins with "query:".
    """

    __tablename__ = "payments_callbacks"
    __table_args__ = (
        UniqueConstraint("gateway", "event_id"),
        CheckConstraint("outcome IN ('created', 'paid', 'failed', 'refunded', 'refund_failed')", name="outcome"),
        CheckConstraint("(settled_at IS NULL) = (result IS NULL)", name="result"),
        Index("ix_payments_callbacks_due", "next_try_at", postgresql_where=text("settled_at IS NULL")),
        Index("ix_payments_callbacks_payment", "payment_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    gateway: Mapped[str]
    event_id: Mapped[str]
    payment_id: Mapped[UUID]
    outcome: Mapped[str]
    amount: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]
    result: Mapped[str | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now() + interval '2 seconds'"))
    reference: Mapped[str | None]
    refund_id: Mapped[UUID | None]


class PaymentEvent(Model):
    """What was asked, answered, told or changed, one row each and never changed: `before` and `after` are states of the
    payment, or of the refund where one is named. `detail` holds no secret, and nothing of a person."""

    __tablename__ = "payments_events"
    __table_args__ = (Index("ix_payments_events_payment", "payment_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    payment_id: Mapped[UUID]
    refund_id: Mapped[UUID | None]
    what: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class SandboxBook(Model):
    """A line of the sandbox's own books, as a provider has them: a payment it took, a refund it gave, or a fault that
    somebody asked it to have. Written in transactions of its own; `number` is ours, unique as at any provider."""

    __tablename__ = "payments_sandbox_books"
    __table_args__ = (UniqueConstraint("kind", "number"), Index("ix_payments_sandbox_books_payment", "payment_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    number: Mapped[UUID]
    payment_id: Mapped[UUID]
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


only_added_to(
    PaymentEvent,
    "payments_refuse_change_of_events",
    "ck_payments_events_unchanged",
    "events of payments are only ever added to",
)

refuse_on("uq_payments_payments_reference", 409, "reference_used", "此渠道编号已被使用", "This number is in use.")
refuse_on(
    "uq_payments_payments_payable_kind_payable_id_attempt",
    409,
    "payment_in_progress",
    "另一次支付正在发起，请重试",
    "Another payment of this is being started: try again.",
)

BEGIN = prepared(
    "WITH begun AS (INSERT INTO payments_payments (id, payable_kind, payable_id, attempt, payer_kind, payer_id, amount,"
    "   currency, gateway, state, scene, how, pay_by, next_ask_at, settled_at)"
    "  SELECT :id, :payable_kind, :payable_id, coalesce(max(attempt), 0) + 1, :payer_kind, :payer_id, :amount,"
    "   :currency, :gateway, :state, :scene, CAST(:how AS jsonb), CAST(:pay_by AS timestamptz),"
    "   CASE WHEN :state = 'pending' THEN now() + :ahead + :wait END, CASE WHEN :state = 'paid' THEN now() + :ahead END"
    "  FROM payments_payments WHERE payable_kind = :payable_kind AND payable_id = :payable_id RETURNING id, attempt),"
    " noted AS (INSERT INTO payments_events (payment_id, what, after) SELECT id, 'begun', :state FROM begun)"
    " SELECT attempt FROM begun"
)
BEGIN_COLUMNS = (
    *("id", "payable_kind", "payable_id", "payer_kind", "payer_id", "amount", "currency", "gateway", "state", "scene"),
    "pay_by",
)
# What can never be settled gets its result at once: the amount of a payment never changes. Its event may be told anew
# with another content; of two that do so at once the second finds the first one's row, no refused one any more.
KEEP = prepared(
    "WITH kept AS (INSERT INTO payments_callbacks AS c (id, gateway, event_id, payment_id, outcome, amount, reference,"
    "   refund_id, result, settled_at)"
    "  SELECT :id, :gateway, :event_id, :payment_id, :outcome, :amount, CAST(:reference AS text),"
    "   CAST(:refund_id AS uuid), r.result, CASE WHEN r.result IS NOT NULL THEN now() + CAST(:ahead AS interval) END"
    "  FROM (SELECT CASE WHEN max(amount) IS NULL THEN 'unknown_payment'"
    "    WHEN CAST(:refund_id AS uuid) IS NULL AND max(amount) <> :amount THEN 'wrong_amount'"
    "    WHEN max(currency) <> :currency THEN 'wrong_currency' END AS result"
    "   FROM payments_payments WHERE id = :payment_id AND gateway = :gateway) r"
    "  ON CONFLICT (gateway, event_id) DO UPDATE SET payment_id = EXCLUDED.payment_id, outcome = EXCLUDED.outcome,"
    "   amount = EXCLUDED.amount, reference = EXCLUDED.reference, refund_id = EXCLUDED.refund_id,"
    "   result = EXCLUDED.result, settled_at = EXCLUDED.settled_at, tries = EXCLUDED.tries,"
    "   received_at = EXCLUDED.received_at, next_try_at = EXCLUDED.next_try_at"
    "  WHERE c.result IN ('unknown_payment', 'wrong_amount', 'wrong_currency')"
    "   AND (c.payment_id, c.outcome, c.amount, c.result)"
    "   IS DISTINCT FROM (EXCLUDED.payment_id, EXCLUDED.outcome, EXCLUDED.amount, EXCLUDED.result)"
    "  RETURNING id, result),"
    " noted AS (INSERT INTO payments_events (payment_id, refund_id, what, detail)"
    "  SELECT :payment_id, CAST(:refund_id AS uuid), 'callback_refused', jsonb_build_object('event',"
    "   CAST(:event_id AS text), 'outcome', CAST(:outcome AS text), 'amount', CAST(:amount AS bigint), 'why', result)"
    "  FROM kept WHERE result IS NOT NULL)"
    " SELECT id, result FROM kept"
)
# The row of the callback is locked first: whoever waited for it finds its result, and moves nothing.
SETTLE = prepared(
    "WITH told AS (SELECT id, event_id, payment_id, outcome, amount, result, reference, refund_id"
    "  FROM payments_callbacks WHERE id = :id FOR UPDATE),"
    " moved AS (UPDATE payments_payments p SET state = t.outcome, settled_at = now() + :ahead, next_ask_at = NULL,"
    "   reference = coalesce(t.reference, p.reference)"
    "  FROM told t WHERE p.id = t.payment_id AND p.amount = t.amount AND t.result IS NULL"
    "   AND (p.state = 'pending' AND t.outcome IN ('paid', 'failed')"
    "    OR p.state IN ('failed', 'closed') AND t.outcome = 'paid')"
    "  RETURNING p.payable_kind, p.payable_id, p.gateway, old.state AS before),"
    " recorded AS (UPDATE payments_callbacks c SET settled_at = now() + :ahead, result = CASE"
    "   WHEN t.refund_id IS NOT NULL OR EXISTS (SELECT 1 FROM moved) THEN t.outcome ELSE 'no_change' END"
    "  FROM told t WHERE c.id = t.id AND t.result IS NULL),"
    " noted AS (INSERT INTO payments_events (payment_id, refund_id, what, before, after, detail)"
    "  SELECT t.payment_id, t.refund_id, 'callback', m.before, CASE WHEN m.before IS NOT NULL THEN t.outcome END,"
    "   jsonb_build_object('event', t.event_id, 'outcome', t.outcome, 'amount', t.amount, 'reference', t.reference)"
    "  FROM told t LEFT JOIN moved m ON true WHERE t.result IS NULL)"
    " SELECT t.id, t.payment_id, t.outcome, t.amount, t.result, t.refund_id, m.payable_kind, m.payable_id, m.gateway"
    " FROM told t LEFT JOIN moved m ON true"
)
PUT_OFF = prepared(
    "UPDATE payments_callbacks SET tries = tries + 1, next_try_at = now() + :ahead"
    " + make_interval(secs => least(:longest, 5 * 2 ^ least(tries, 12))) WHERE id = :id"
)
# One by its id for the door that began it, which is the first to ask; any whose time has come for the worker.
_TAKEN = (
    " UPDATE payments_payments p SET next_ask_at = now() + :ahead + :lease, asks = asks + 1 FROM due"
    " WHERE p.id = due.id RETURNING p.id, p.payable_kind, p.payable_id, p.payer_kind, p.payer_id, p.amount, p.currency,"
    "  p.gateway, p.state, p.scene, p.how, p.pay, p.pay_by, p.created_at, p.closing_until,"
    "  coalesce(p.closing_until > now() + :ahead, false) AS holds_up,"
    "  EXTRACT(epoch FROM now() + :ahead - p.created_at) AS age,"
    "  coalesce(p.pay_by, p.created_at + interval '1 day') + interval '1 minute' < now() + :ahead AS is_over"
)
TAKE = prepared(
    "WITH due AS (SELECT id FROM payments_payments WHERE id = :id AND state = 'pending' AND how IS NOT NULL"
    f"  AND pay IS NULL AND (asks = 0 OR next_ask_at <= now() + :ahead) FOR UPDATE){_TAKEN}"
)
TAKE_DUE = prepared(
    "WITH due AS (SELECT id FROM payments_payments WHERE state = 'pending' AND next_ask_at <= now() + :ahead"
    f"  ORDER BY next_ask_at LIMIT :most FOR UPDATE SKIP LOCKED){_TAKEN}"
)
NOTE = prepared(
    "WITH moved AS (UPDATE payments_payments SET state = :after, pay = coalesce(CAST(:pay AS jsonb), pay),"
    "   next_ask_at = CASE WHEN :after = 'pending' THEN now() + :ahead + :wait END"
    "  WHERE id = :id AND state = 'pending' RETURNING id),"
    " noted AS (INSERT INTO payments_events (payment_id, what, before, after, detail)"
    "  SELECT :id, 'answer', CASE WHEN m.id IS NOT NULL THEN 'pending' END, CASE WHEN m.id IS NOT NULL THEN :after END,"
    "   jsonb_build_object('what', CAST(:what AS text), 'reason', CAST(:reason AS text))"
    "  FROM (SELECT 1) one LEFT JOIN moved m ON true)"
    " SELECT id FROM moved"
)
# A payment that somebody has locked is just being settled: it is passed by, and so still open.
CLOSE_HERE = prepared(
    "WITH open AS (SELECT id FROM payments_payments p WHERE payable_kind = :kind"
    "   AND payable_id = ANY(CAST(:ids AS uuid[])) AND state = 'pending' AND gateway = ANY(CAST(:here AS text[]))"
    "   AND NOT EXISTS (SELECT 1 FROM payments_sandbox_books b WHERE b.kind = 'payment' AND b.number = p.id)"
    "   FOR UPDATE SKIP LOCKED),"
    " closed AS (UPDATE payments_payments p SET state = 'closed', next_ask_at = NULL FROM open WHERE p.id = open.id"
    "  RETURNING p.id)"
    " INSERT INTO payments_events (payment_id, what, before, after)"
    " SELECT id, 'closed', 'pending', 'closed' FROM closed"
)
BEGIN_CLOSING = prepared(
    "WITH open AS (SELECT id FROM payments_payments WHERE payable_kind = :kind"
    "   AND payable_id = ANY(CAST(:ids AS uuid[])) AND state = 'pending' AND closing_until IS NULL"
    "   FOR UPDATE SKIP LOCKED)"
    " UPDATE payments_payments p SET closing_until = now() + :ahead + :grace, next_ask_at = now() + :ahead"
    " FROM open WHERE p.id = open.id"
)
STILL_OPEN = prepared(
    "SELECT DISTINCT payable_id FROM payments_payments WHERE payable_kind = :kind"
    " AND payable_id = ANY(CAST(:ids AS uuid[])) AND state = 'pending'"
    " AND (closing_until IS NULL OR closing_until > now() + :ahead)"
)
