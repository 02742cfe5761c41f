"""Pages of payments and refunds in the admin view."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core import worker
from app.core.db import db, in_transaction
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from app.store.repayments.actions import ask_refund
from tests.make import order as make
from tests.security.pages import ADMIN, PageRow
from tests.security.town import Town, Values


def payment(town: Town, owner: Any) -> Values:
    return {"payment_id": str(make.payment(make.purchase()).id)}


def failed_refund(town: Town, owner: Any) -> Values:
    made = UUID(payment(town, owner)["payment_id"])
    kept = in_transaction(lambda: payments.play_outcome(payment_now(made), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))
    in_transaction(lambda: payments.play_fault(payment_now(made), "refund_fails"))
    refund = in_transaction(lambda: ask_refund(made, 100, "broken").id)
    worker.sweep_once(["store.repayments.send_refunds"])
    state = in_transaction(lambda: db.session.scalar(text("SELECT max(state) FROM payments_refunds")))
    assert state == "failed"
    return {"refund_id": str(refund)}


ROWS = [
    PageRow("GET", "/admin/payments", ADMIN),
    PageRow("GET", "/admin/payments/<uuid:payment_id>", ADMIN, 200, payment),
    PageRow("GET", "/admin/payments/refunds", ADMIN),
    PageRow("POST", "/admin/payments/refunds/<uuid:refund_id>/retry", ADMIN, 303, failed_refund),
]
