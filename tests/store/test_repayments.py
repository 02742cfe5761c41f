"""Refunds: asked for once, sent until the provider has paid them, paid once."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import REFUNDS_DUE, balance, entries_about, gateway_account, is_balanced, wallet_account
from app.store.orders.actions import pay_purchase
from app.store.payments import actions as payments
from app.store.payments.gateways.base import Answer, Attempt, RefundAsked, unclear
from app.store.payments.gateways.sandbox import gateway as sandbox
from app.store.payments.queries import PaymentToPay
from app.store.payments.queries import payment as payment_now
from app.store.repayments import actions
from app.store.repayments.models import Refund
from tests.make import order as make
from tests.store.racing import together

SEND = ["store.repayments.send_refunds"]
BOOKS = "SELECT number, amount FROM payments_sandbox_books WHERE kind = 'refund'"


def _rows(query: str) -> list[tuple[Any, ...]]:
    found = [tuple(row) for row in db.session.execute(text(query))]
    db.session.rollback()
    return found


def _tell(sent: make.Sent) -> str:
    kept = in_transaction(lambda: payments.receive_callback("sandbox", sent.headers, sent.body))
    return str(in_transaction(lambda: payments.settle_callback(kept))["result"])


def _paid() -> PaymentToPay:
    paid = make.payment(make.purchase())
    _tell(make.callback(paid))
    return paid


def _ask(paid: PaymentToPay, amount: int, reason: str = "broken") -> UUID:
    """As whoever grants refunds does: with the journal that says that it is due."""

    def ask() -> UUID:
        refund = actions.ask_refund(paid.id, amount, reason)
        post_journal("refund_granted", Ref("refund", refund.id), [("shop:x", amount), (REFUNDS_DUE, -amount)])
        return refund.id

    return in_transaction(ask)


def _refund(refund_id: UUID) -> Refund:
    found = db.session.get_one(Refund, refund_id, populate_existing=True)
    db.session.commit()
    return found


def _facts(name: str) -> int:
    return int(_rows(f"SELECT count(*) FROM core_events WHERE name = '{name}'")[0][0])


def test_a_refund_that_is_due_is_sent_paid_and_booked_once(app: Flask) -> None:
    paid = _paid()
    refund_id = _ask(paid, 400)
    assert worker.sweep_once(SEND) == 1
    assert worker.sweep_once(SEND) == 0
    found = _refund(refund_id)
    assert (found.state, found.tries, found.next_try_at, found.reference is not None) == ("done", 1, None, True)
    assert _rows(BOOKS) == [(refund_id, 400)]
    booked = entries_about("refund_paid", Ref("refund", refund_id))
    assert booked == [(REFUNDS_DUE, 400), (gateway_account("sandbox"), -400)]
    assert (balance(REFUNDS_DUE), balance("gateway:sandbox")) == (0, paid.amount - 400)
    assert (_facts("RefundDone"), _facts("RefundFailed")) == (1, 0)
    told = _rows("SELECT what, before, after FROM payments_events WHERE refund_id IS NOT NULL ORDER BY id")
    assert told == [("refund_asked", "due", "sent"), ("refund", "sent", "done")]


def test_a_refund_of_before_that_nobody_sent_is_sent(app: Flask) -> None:
    paid, refund_id = _paid(), new_id()
    row = "INSERT INTO payments_refunds (id, payment_id, amount, reason, state) VALUES (:id, :of, 5, 'old', 'due')"
    in_transaction(lambda: db.session.execute(text(row), {"id": refund_id, "of": paid.id}))
    assert worker.sweep_once(SEND) == 1
    assert _refund(refund_id).state == "done"


def test_a_refund_that_the_provider_refuses_is_tried_again_by_itself(app: Flask) -> None:
    paid = _paid()
    in_transaction(lambda: payments.play_fault(payment_now(paid.id), "refund_fails"))
    refund_id = _ask(paid, 400)
    worker.sweep_once(SEND)
    assert (_refund(refund_id).state, _refund(refund_id).error) == ("failed", "the sandbox was told to fail once")
    assert (_facts("RefundFailed"), balance(REFUNDS_DUE)) == (1, -400)
    assert worker.sweep_once(SEND) == 0, "it waits for its time"
    with clock.moved(seconds=61):
        worker.sweep_once(SEND)
    assert (_refund(refund_id).state, _rows(BOOKS)) == ("done", [(refund_id, 400)])
    assert (_facts("RefundDone"), balance(REFUNDS_DUE)) == (1, 0)


def test_an_operator_has_a_failed_refund_sent_again_at_once_and_that_is_written_down(app: Flask) -> None:
    paid, operator = _paid(), Caller(person_id=new_id())
    in_transaction(lambda: payments.play_fault(payment_now(paid.id), "refund_fails"))
    refund_id = _ask(paid, 400)
    with pytest.raises(Refused) as early:
        in_transaction(lambda: actions.retry_refund(operator, refund_id))
    assert early.value.code == "refund_not_failed"
    worker.sweep_once(SEND)
    in_transaction(lambda: actions.retry_refund(operator, refund_id))
    assert worker.sweep_once(SEND) == 1
    assert _refund(refund_id).state == "done"
    assert _rows("SELECT what, subject_id FROM core_audit") == [("refund_retried", str(refund_id))]


class Flaky:
    """Pays a refund, and answers something else to whoever asked."""

    def __init__(self, *says: str) -> None:
        self.says = list(says)
        self.asked: list[UUID] = []

    def refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        self.asked.append(asked.id)
        answer = type(sandbox).refund(sandbox, attempt, asked)
        return Answer(self.says.pop(0), reason="later") if self.says else answer


@pytest.mark.parametrize("says", ["unclear", "refunding"])
def test_a_refund_whose_answer_was_lost_is_asked_after_and_not_paid_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    far = Flaky(says)
    monkeypatch.setattr(sandbox, "refund", far.refund)
    refund_id = _ask(_paid(), 400)
    worker.sweep_once(SEND)
    assert (_refund(refund_id).state, balance(REFUNDS_DUE)) == ("sent", -400)
    with clock.moved(seconds=25):
        worker.sweep_once(SEND)
    assert (_refund(refund_id).state, balance(REFUNDS_DUE)) == ("done", 0)
    assert (far.asked, _rows(BOOKS)) == ([refund_id], [(refund_id, 400)])


def test_a_sender_that_dies_after_asking_leaves_a_refund_that_is_paid_once(app: Flask) -> None:
    refund_id = _ask(_paid(), 400)
    taken = in_transaction(lambda: actions.take_due(5))
    assert [one.id for one in taken] == [refund_id]
    payments.give_back(taken[0].payment_id, refund_id, 400, "broken", was_asked=False)
    assert worker.sweep_once(SEND) == 0, "somebody has it"
    with clock.moved(seconds=31):
        assert worker.sweep_once(SEND) == 1
    assert (_refund(refund_id).state, _rows(BOOKS), balance(REFUNDS_DUE)) == ("done", [(refund_id, 400)], 0)


def test_after_ten_refusals_only_an_operator_has_it_sent_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "refund", Flaky(*["declined"] * 10).refund)
    monkeypatch.setattr(sandbox, "query_refund", lambda attempt, asked: Answer("unknown"))
    refund_id = _ask(_paid(), 400)
    for turn in range(14):
        with clock.moved(hours=7 * turn):
            worker.sweep_once(SEND)
    found = _refund(refund_id)
    assert (found.state, found.tries, found.next_try_at) == ("failed", 10, None)


def test_a_closed_gateway_pays_back_once_it_is_open_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    refund_id = _ask(_paid(), 400)
    monkeypatch.setattr("app.core.config.settings.sandbox_payments", False)
    worker.sweep_once(SEND)
    assert (_refund(refund_id).state, _refund(refund_id).error) == ("sent", "this gateway is closed")
    monkeypatch.undo()
    with clock.moved(seconds=30):
        worker.sweep_once(SEND)
    assert _refund(refund_id).state == "done"


def _told(paid: PaymentToPay, refund_id: UUID, outcome: str, amount: int) -> make.Sent:
    said = {"event_id": f"{refund_id}:{outcome}:{amount}", "payment_id": str(paid.id), "outcome": outcome}
    return make.signed(orjson.dumps({**said, "amount": amount, "refund_id": str(refund_id)}))


def test_a_callback_about_a_refund_ends_it_and_what_comes_later_changes_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "refund", lambda attempt, asked: unclear("slow"))
    paid = _paid()
    refund_id = _ask(paid, 400)
    worker.sweep_once(SEND)
    assert [_tell(_told(paid, refund_id, "refunded", 400)) for _ in range(2)] == ["refunded"] * 2
    assert (_refund(refund_id).state, balance(REFUNDS_DUE)) == ("done", 0)
    assert _tell(_told(paid, refund_id, "refund_failed", 400)) == "refund_failed"
    assert (_refund(refund_id).state, _facts("RefundDone"), _facts("RefundFailed")) == ("done", 1, 0)


def test_a_callback_about_another_amount_or_a_refund_that_is_not_ours_moves_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "refund", lambda attempt, asked: unclear("slow"))
    paid, other = _paid(), _paid()
    refund_id = _ask(paid, 400)
    worker.sweep_once(SEND)
    for wrong in (
        _told(paid, refund_id, "refunded", 401),
        _told(other, refund_id, "refunded", 400),
        _told(paid, new_id(), "refunded", 400),
    ):
        _tell(wrong)
    assert (_refund(refund_id).state, balance(REFUNDS_DUE), _facts("RefundDone")) == ("sent", -400, 0)
    refused = _rows("SELECT detail->>'why' FROM payments_events WHERE what = 'refund_callback_refused' ORDER BY id")
    assert refused == [("wrong_amount",), ("unknown_refund",), ("unknown_refund",)]


def test_senders_and_callbacks_at_once_pay_and_book_each_refund_once(app: Flask) -> None:
    paid = [_paid() for _ in range(8)]
    refunds = [_ask(one, 300) for one in paid]
    told = [
        lambda one=one, refund_id=refund_id: _tell(_told(one, refund_id, "refunded", 300))
        for one, refund_id in zip(paid, refunds, strict=True)
    ]
    together(app, *[lambda: worker.sweep_once(SEND)] * 2, *told)
    with clock.moved(seconds=40):
        worker.sweep_once(SEND)
    assert {_refund(one).state for one in refunds} == {"done"}
    assert (len(_rows(BOOKS)) <= 8, _facts("RefundDone"), balance(REFUNDS_DUE)) == (True, 8, 0)
    assert is_balanced()


def test_the_sandbox_never_gives_back_more_than_it_took(app: Flask) -> None:
    paid = _paid()
    attempt_id = [_ask(paid, paid.amount, "all")][0]
    worker.sweep_once(SEND)
    extra = payments.give_back(paid.id, new_id(), 1, "more", was_asked=False)
    assert (extra.what, _rows(BOOKS)) == ("declined", [(attempt_id, paid.amount)])


def test_a_refund_of_a_payment_by_wallet_goes_back_into_the_wallet(app: Flask) -> None:
    who = new_id()
    buyer = make.Buyer("", Ref(PERSON, who))
    filled = [("gateway:bank", 20_000), (wallet_account(who), -20_000)]
    in_transaction(lambda: post_journal("filled", Ref("gift", new_id()), filled))
    made = make.purchase(who=buyer)
    paid = in_transaction(lambda: pay_purchase(Caller(person_id=who), made.id, "wallet"))
    assert (paid.status, paid.pay_url, balance(wallet_account(who))) == ("paid", f"/purchases/{made.id}", -10_100)
    refund_id = _ask(paid, 400)
    worker.sweep_once(SEND)
    assert (_refund(refund_id).state, balance(wallet_account(who)), balance(REFUNDS_DUE)) == ("done", -10_500, 0)
    assert balance("gateway:wallet") == 0 + paid.amount - paid.amount
    again = payments.give_back(paid.id, refund_id, 400, "broken", was_asked=True)
    assert (again.what, balance(wallet_account(who))) == ("refunded", -10_500)
