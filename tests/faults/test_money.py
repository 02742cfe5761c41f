"""Scenarios about money (numbers as in the reliability scenarios), most of them inside one process."""

import random
import time
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import clock, worker
from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused, refusal_of
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import REFUNDS_DUE, balance, is_balanced, wallet_account
from app.store.orders.actions import pay_purchase
from app.store.payments import actions
from app.store.payments.queries import PaymentToPay
from app.store.payments.queries import payment as payment_now
from app.store.repayments.actions import ask_refund
from tests.faults.crowd import GuestBuyer, shop_with
from tests.faults.invariants import assert_sound, connected, count
from tests.journeys.people import done, eventually
from tests.live import LiveTown
from tests.make import order as make
from tests.store.racing import refusals, together

ASK, LAPSE = "store.payments.ask_providers", "store.orders.let_purchases_lapse"


def _rows(query: str) -> list[tuple[Any, ...]]:
    found = [tuple(row) for row in db.session.execute(text(query))]
    db.session.rollback()
    return found


def _tell(sent: make.Sent) -> str:
    kept = in_transaction(lambda: actions.receive_callback("sandbox", sent.headers, sent.body))
    return str(in_transaction(lambda: actions.settle_callback(kept))["result"])


def _said(paid: PaymentToPay, outcome: str, refund_id: UUID | None = None, amount: int | None = None) -> make.Sent:
    about = {"refund_id": str(refund_id)} if refund_id else {}
    what = {"event_id": uuid4().hex, "payment_id": str(paid.id), "outcome": outcome}
    return make.signed(orjson.dumps({**what, "amount": paid.amount if amount is None else amount, **about}))


def test_10_callbacks_in_all_120_orders_end_in_the_same_state(app: Flask, long: bool) -> None:
    """The payment was settled by a question, its callback being late; the refund is on its way."""
    told = ("created", "paid", "failed", "refunded", "refund_failed")
    orders = [order for _ in range(5 if long else 1) for order in permutations(told)]
    for order in orders:
        paid = make.payment(make.purchase())
        in_transaction(lambda paid=paid: actions.play_fault(payment_now(paid.id), "lost"))
        with clock.moved(seconds=31):
            worker.sweep_once([ASK])
        refund_id = in_transaction(lambda paid=paid: ask_refund(paid.id, 400, "broken").id)
        journal = [("shop:x", 400), (REFUNDS_DUE, -400)]
        in_transaction(lambda refund_id=refund_id, j=journal: post_journal("granted", Ref("refund", refund_id), j))
        for outcome in order:
            is_refund = outcome.startswith("refund")
            _tell(_said(paid, outcome, refund_id if is_refund else None, 400 if is_refund else None))
    number = len(orders)
    assert _rows("SELECT state, count(*) FROM payments_payments GROUP BY state") == [("paid", number)]
    assert _rows("SELECT state, count(*) FROM payments_refunds GROUP BY state") == [("done", number)]
    facts = dict(_rows("SELECT name, count(*) FROM core_events WHERE name ~ 'PaymentSettled|RefundDone' GROUP BY name"))
    assert facts == {"PaymentSettled": number, "RefundDone": number}
    assert (balance(REFUNDS_DUE), balance("gateway:sandbox"), is_balanced()) == (0, number * 9500, True)


def _spoiled(chance: random.Random, paid: PaymentToPay) -> make.Sent:
    """A callback that must not be taken, one of many kinds."""
    body = {"event_id": uuid4().hex, "payment_id": str(paid.id), "outcome": "paid", "amount": paid.amount}
    kind = chance.randrange(6)
    if kind == 0:
        return make.signed(orjson.dumps(body), secret=chance.choice(["", "guess", "a secret of the sandbo"]))
    if kind == 1:
        return make.signed(orjson.dumps(body), age=chance.choice([301, 3600, 10**6, -301]))
    if kind == 2:
        return make.signed(orjson.dumps({**body, "amount": chance.choice([0, 1, paid.amount - 1, paid.amount + 1])}))
    if kind == 3:
        return make.signed(orjson.dumps({**body, "currency": chance.choice(["USD", "cny", "X"])}))
    if kind == 4:
        sent = make.signed(orjson.dumps(body))
        place = chance.randrange(len(sent.body))
        return make.Sent(sent.headers, sent.body[:place] + b" " + sent.body[place:])
    return make.signed(orjson.dumps({**body, "payment_id": str(uuid4())}))


def test_11_no_forged_old_or_wrong_callback_is_taken_and_each_is_in_the_security_log(app: Flask, long: bool) -> None:
    paid, chance = make.payment(make.purchase()), random.Random(11)
    number, before = (10_000 if long else 400), _refused()
    for _ in range(number):
        try:
            assert _tell(_spoiled(chance, paid)) in {"wrong_amount", "wrong_currency", "unknown_payment"}
        except Refused as refused:
            assert refused.code in {"callback_forged", "callback_too_old"}
    assert _refused() - before == number
    assert (payment_now(paid.id).state, _rows("SELECT count(*) FROM ledger_journals")) == ("pending", [(0,)])
    replayed = make.callback(paid)
    assert [_tell(replayed) for _ in range(3)] == ["paid"] * 3
    assert _rows("SELECT count(*) FROM ledger_journals") == [(1,)]


def _refused() -> float:
    return REGISTRY.get_sample_value("security_events_total", {"what": "callback_refused"}) or 0.0


def test_15_a_purchase_that_lapses_while_it_is_paid_is_paid_or_paid_back(app: Flask, long: bool) -> None:
    """Half are told of by a callback, half silently: those are found by asking."""
    made = [make.purchase() for _ in range(1000 if long else 60)]
    paid = [make.payment(one) for one in made]
    in_transaction(lambda: db.session.execute(text("UPDATE orders_purchases SET pay_by = created_at")))

    def pay(turn: int) -> None:
        for place, one in enumerate(paid):
            if place % 2 == turn:
                time.sleep(random.uniform(0, 0.004))
                _pay(one, silently=turn == 1)

    def lapse() -> None:
        for _ in range(len(paid)):
            in_transaction(lambda: _lapse_one())
            time.sleep(random.uniform(0, 0.004))

    together(app, lambda: pay(0), lambda: pay(1), lapse, lapse)
    with clock.moved(seconds=31):
        worker.sweep_once([ASK, LAPSE])
    statuses = {_outcome_of(one.id, payment.id) for one, payment in zip(made, paid, strict=True)}
    assert statuses <= {("paid", "paid", 0), ("lapsed", "closed", 0), ("lapsed", "paid", 1)}
    assert is_balanced()
    held = "SELECT count(*) FROM inventory_holds WHERE state = 'committed'"
    assert _rows(held) == _rows("SELECT count(*) FROM orders_purchases WHERE status = 'paid'")


def _pay(one: PaymentToPay, *, silently: bool) -> None:
    try:
        if silently:
            in_transaction(lambda: actions.play_fault(payment_now(one.id), "lost"))
        else:
            _tell(make.callback(one))
    except Refused as refused:
        assert refused.code == "payment_ended"


def _lapse_one() -> int:
    return make.actions.lapse_due(1)


def _outcome_of(purchase_id: UUID, payment_id: UUID) -> tuple[Any, ...]:
    return _rows(
        f"SELECT p.status, y.state, (SELECT count(*) FROM payments_refunds r WHERE r.payment_id = y.id)"
        f" FROM orders_purchases p, payments_payments y WHERE p.id = '{purchase_id}' AND y.id = '{payment_id}'"
    )[0]


def test_16_sixty_four_who_spend_one_wallet_at_once_never_spend_more_than_it_has(app: Flask, long: bool) -> None:
    for _ in range(100 if long else 2):
        person = uuid4()
        filled = [("gateway:bank", 1000), (wallet_account(person), -1000)]
        in_transaction(lambda f=filled: post_journal("gift", Ref("gift", uuid4()), f))
        buyer = make.Buyer("", Ref(PERSON, person))
        made = [make.purchase([make.line(make.sku(), price=90)], buyer) for _ in range(64)]
        found = together(app, *(lambda one=one: _spend(one) for one in made))
        assert refusals(found) == ["balance_too_low"] * 53
        assert balance(wallet_account(person)) == -10
    assert is_balanced()


def _spend(made: make.MadePurchase) -> PaymentToPay:
    try:
        return in_transaction(lambda: pay_purchase(Caller(person_id=made.buyer.ref.id), made.id, "wallet"))
    except IntegrityError as error:
        raise refusal_of(error) or error from error


@pytest.fixture
def dying(live: LiveTown, tmp_path: Path) -> LiveTown:
    """A town whose worker dies once after the sandbox has paid a refund, before it can write that down."""
    live.env |= {"FAILPOINTS": "refund.answered.refunded", "FAILPOINTS_FOLDER": str(tmp_path)}
    return live.start()


def test_a_refund_that_fails_and_whose_sender_is_then_killed_after_asking_is_paid_once(dying: LiveTown) -> None:
    guest = GuestBuyer(dying)
    purchase_id = guest.places(shop_with(dying, stock=5, price=700))
    path = f"/purchases/{purchase_id}/payments"
    first, second = (guest.insist("POST", path, {"gateway": "sandbox"}, uuid4().hex).json()["id"] for _ in range(2))
    for payment, outcome in ((second, "refund_fails"), (first, "paid"), (second, "paid")):
        done(guest.insist("POST", f"/sandbox/payments/{payment}/outcome", {"outcome": outcome}))
    states = "SELECT count(*) FROM payments_refunds WHERE state = '{}'"
    eventually(lambda: count(dying, states.format("failed")) == 1, 20)
    _send_now(dying)
    eventually(lambda: not dying.children["worker"].alive(), 20)
    assert (count(dying, states.format("sent")), _refunds_in_its_books(dying)) == (1, 1)
    dying.children["worker"].stop(1)
    dying.start_worker()
    _send_now(dying)
    eventually(lambda: count(dying, states.format("done")) == 1, 20)
    assert _refunds_in_its_books(dying) == 1
    assert count(dying, "SELECT count(*) FROM ledger_journals WHERE kind = 'refund_paid'") == 1
    assert count(dying, "SELECT count(*) FROM core_events WHERE name = 'RefundDone'") == 1
    assert guest.get(f"/purchases/{purchase_id}").json()["refunds"][0]["status"] == "done"
    assert_sound(dying)


def _send_now(town: LiveTown) -> None:
    """As an operator does, or time."""
    with connected(town) as connection:
        connection.execute("UPDATE payments_refunds SET next_try_at = now()")


def _refunds_in_its_books(town: LiveTown) -> int:
    return count(town, "SELECT count(*) FROM payments_sandbox_books WHERE kind = 'refund'")
