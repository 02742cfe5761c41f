"""Pages of payments and refunds in the admin view."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core import worker
from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import wallet_account
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from app.store.repayments.actions import ask_refund
from app.store.wallets import actions as wallets
from tests.make import order as make
from tests.make import person as make_person
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


def withdrawal(town: Town, owner: Any) -> Values:
    person = Caller(person_id=make_person().id)
    sides = [("gateway:bank", 100), (wallet_account(person.person), -100)]
    in_transaction(lambda: post_journal("gift", Ref("gift", new_id()), sides))
    asked = in_transaction(lambda: wallets.ask_withdrawal(person, 100, "6222020200000000", "王小明").id)
    return {"withdrawal_id": str(asked)}


def sent_withdrawal(town: Town, owner: Any) -> Values:
    made = withdrawal(town, owner)
    admin = make_person(roles=("admin",)).id
    payout = in_transaction(lambda: wallets.approve_withdrawals(admin, [UUID(made["withdrawal_id"])]))
    return {**made, "payout_id": str(payout)}


WITHDRAWALS = "/admin/withdrawals"
WITHDRAWAL = f"{WITHDRAWALS}/<uuid:withdrawal_id>"
ROWS = [
    PageRow("GET", WITHDRAWALS, ADMIN),
    PageRow("POST", f"{WITHDRAWALS}/approval", ADMIN, 303, withdrawal, lambda v: {f"pick-{v['withdrawal_id']}": "1"}),
    PageRow("POST", f"{WITHDRAWAL}/refusal", ADMIN, 303, withdrawal, lambda v: {"why": "户名不符"}),
    PageRow("POST", f"{WITHDRAWAL}/payment", ADMIN, 303, sent_withdrawal),
    PageRow("POST", f"{WITHDRAWAL}/return", ADMIN, 303, sent_withdrawal, lambda v: {"why": "账号有误"}),
    PageRow("GET", f"{WITHDRAWALS}/payouts/<uuid:payout_id>.csv", ADMIN, own=sent_withdrawal),
    PageRow("GET", "/admin/payments", ADMIN),
    PageRow("GET", "/admin/payments/<uuid:payment_id>", ADMIN, 200, payment),
    PageRow("GET", "/admin/payments/refunds", ADMIN),
    PageRow("POST", "/admin/payments/refunds/<uuid:refund_id>/retry", ADMIN, 303, failed_refund),
]
