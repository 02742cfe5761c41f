"""What is asked of providers: lost callbacks, closing before a purchase lapses, what happened written down."""

import threading
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import clock, worker
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.inventory.queries import available
from app.store.ledger.queries import balance
from app.store.orders.actions import cancel_purchase, pay_purchase
from app.store.payments import actions
from app.store.payments.gateways.base import CLOSED, PAID, PENDING, Answer, Attempt, unclear
from app.store.payments.gateways.sandbox import gateway as sandbox
from app.store.payments.queries import payment as payment_now
from tests.client import Client
from tests.make import order as make
from tests.store.racing import together

ASK, LAPSE = ["store.payments.ask_providers"], ["store.orders.let_purchases_lapse"]


def _rows(query: str) -> list[tuple[object, ...]]:
    found = [tuple(row) for row in db.session.execute(text(query))]
    db.session.rollback()
    return found


def _status(purchase_id: UUID) -> object:
    return _rows(f"SELECT status FROM orders_purchases WHERE id = '{purchase_id}'")[0][0]


def _events(payment_id: UUID) -> list[tuple[object, ...]]:
    wanted = f"SELECT what, before, after FROM payments_events WHERE payment_id = '{payment_id}' ORDER BY id"
    return _rows(wanted)


def _pays_silently(payment_id: UUID) -> None:
    in_transaction(lambda: actions.play_fault(payment_now(payment_id), "lost"))


def test_a_payment_whose_callback_is_lost_is_settled_within_a_minute(client: Client) -> None:
    made = make.purchase()
    paid = make.payment(made)
    buyer = client.as_(made.buyer.token)
    answer = buyer.post(f"/sandbox/payments/{paid.id}/outcome", {"outcome": "lost"})
    assert (answer.status_code, answer.json["status"]) == (200, "pending")
    assert worker.sweep_once(ASK) == 0, "its time has not come"
    with clock.moved(seconds=59):
        assert worker.sweep_once(ASK) == 1
        assert worker.sweep_once(ASK) == 0
    assert (_status(made.id), payment_now(paid.id).state) == ("paid", "paid")
    assert _events(paid.id) == [("begun", None, "pending"), ("callback", "pending", "paid")]
    assert balance("gateway:sandbox") == paid.amount


def test_a_payment_that_nobody_has_paid_yet_is_asked_about_again(app: Flask) -> None:
    paid = make.payment(make.purchase())
    for seconds in (31, 62, 93):
        with clock.moved(seconds=seconds):
            assert worker.sweep_once(ASK) == 1
    assert payment_now(paid.id).state == "pending"
    assert _events(paid.id)[1:] == [("answer", "pending", "pending")] * 3
    _pays_silently(paid.id)
    with clock.moved(seconds=130):
        worker.sweep_once(ASK)
    assert payment_now(paid.id).state == "paid"


def test_a_callback_that_comes_after_the_answer_changes_nothing(app: Flask) -> None:
    paid = make.payment(make.purchase())
    _pays_silently(paid.id)
    with clock.moved(seconds=31):
        worker.sweep_once(ASK)
    sent = make.callback(paid)
    kept = in_transaction(lambda: actions.receive_callback("sandbox", sent.headers, sent.body))
    assert in_transaction(lambda: actions.settle_callback(kept))["result"] == "no_change"
    assert _rows("SELECT count(*) FROM ledger_journals") == [(1,)]


def test_many_workers_that_ask_at_once_settle_once(app: Flask) -> None:
    paid = [make.payment(make.purchase()) for _ in range(6)]
    for one in paid:
        _pays_silently(one.id)
    with clock.moved(seconds=31):
        together(app, *[lambda: worker.sweep_once(ASK)] * 3)
    assert {payment_now(one.id).state for one in paid} == {"paid"}
    assert _rows("SELECT count(*) FROM core_events WHERE name = 'PaymentSettled'") == [(6,)]


def test_the_other_attempts_of_what_is_paid_or_given_up_are_closed(app: Flask) -> None:
    bought, given_up = make.purchase(), make.purchase()
    other, last, left = make.payment(bought), make.payment(bought), make.payment(given_up)
    kept = in_transaction(lambda: actions.play_outcome(payment_now(last.id), "paid"))
    in_transaction(lambda: actions.settle_callback(kept))
    in_transaction(lambda: cancel_purchase(given_up.buyer.caller, given_up.id))
    with clock.moved(seconds=31):
        assert worker.sweep_once(ASK) == 2
    assert [payment_now(one.id).state for one in (other, last, left)] == ["closed", "paid", "closed"]
    with pytest.raises(Refused) as refused:
        _pays_silently(other.id)
    assert refused.value.code == "payment_ended"


def test_a_purchase_that_was_paid_silently_does_not_lapse(app: Flask) -> None:
    sku = make.sku(1)
    made = make.purchase([make.line(sku)])
    paid = make.payment(made)
    _pays_silently(paid.id)
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once(LAPSE) == 0
        assert worker.sweep_once(ASK) == 1
        assert worker.sweep_once(LAPSE) == 0
    assert (_status(made.id), _rows("SELECT count(*) FROM payments_refunds")) == ("paid", [(0,)])


class Far:
    """Makes the sandbox a provider that must be asked, and answers what it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.says = unclear("away")
        monkeypatch.setattr(sandbox, "answers_here", False)
        monkeypatch.setattr(sandbox, "query", self.query)

    def query(self, attempt: Attempt) -> Answer:
        return self.says


@pytest.fixture
def far(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Far:
    return Far(monkeypatch)


def test_a_purchase_lapses_once_its_provider_has_closed_the_payment(far: Far) -> None:
    sku = make.sku(1)
    made = make.purchase([make.line(sku)])
    paid = make.payment(made)
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once(LAPSE) == 0
        assert worker.sweep_once(ASK) == 1
        assert (worker.sweep_once(LAPSE), _status(made.id)) == (0, "unpaid"), "no answer, so it waits"
        far.says = Answer(PENDING)
        with clock.moved(seconds=4):
            assert worker.sweep_once(ASK) == 1
            assert worker.sweep_once(LAPSE) == 1
    assert (_status(made.id), payment_now(paid.id).state, available([sku])[sku]) == ("lapsed", "closed", 1)


def test_a_purchase_whose_provider_says_at_the_last_moment_that_it_is_paid_is_paid(far: Far) -> None:
    made = make.purchase()
    paid = make.payment(made)
    far.says = Answer(PAID, paid.amount, reference="4200001")
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once(LAPSE) == 0
        assert worker.sweep_once(ASK) == 1
        assert worker.sweep_once(LAPSE) == 0
    assert (_status(made.id), payment_now(paid.id).reference) == ("paid", "4200001")


def test_a_provider_that_never_answers_keeps_stock_for_a_while_only_and_late_money_goes_back(far: Far) -> None:
    made = make.purchase()
    paid = make.payment(made)
    over = settings.unpaid_seconds + 1
    with clock.moved(seconds=over):
        assert worker.sweep_once(LAPSE) == 0
    with clock.moved(seconds=over + settings.payment_grace_seconds - 2):
        worker.sweep_once(ASK)
        assert worker.sweep_once(LAPSE) == 0
    with clock.moved(seconds=over + settings.payment_grace_seconds + 1):
        assert worker.sweep_once(LAPSE) == 1
    far.says = Answer(PAID, paid.amount)
    with clock.moved(seconds=over + settings.payment_grace_seconds + 100):
        worker.sweep_once(ASK)
    assert (_status(made.id), payment_now(paid.id).state) == ("lapsed", "paid")
    assert _rows("SELECT amount, reason, state FROM payments_refunds") == [(paid.amount, "purchase_lapsed", "due")]


def test_a_provider_that_is_away_for_long_is_asked_less_and_less(far: Far) -> None:
    made = make.purchase()
    paid = make.payment(made)
    over = settings.unpaid_seconds + 1
    with clock.moved(seconds=over):
        worker.sweep_once([LAPSE[0], ASK[0]])
        assert _waits(paid.id) < 5
    with clock.moved(seconds=over + settings.payment_grace_seconds + 10):
        worker.sweep_once([LAPSE[0], ASK[0]])
        assert _waits(paid.id) > 25
    assert _status(made.id) == "lapsed"


def _waits(payment_id: UUID) -> float:
    wanted = "SELECT EXTRACT(epoch FROM next_ask_at - now() - CAST(:ahead AS interval)) FROM payments_payments"
    found = db.session.scalar(text(f"{wanted} WHERE id = :id"), {"id": payment_id, "ahead": clock.ahead()})
    db.session.rollback()
    return float(found or 0)


def test_those_that_wait_for_a_provider_do_not_hold_up_others_that_lapse(far: Far) -> None:
    waiting = [make.purchase() for _ in range(55)]
    for one in waiting:
        make.payment(one)
    free = make.purchase()
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once(LAPSE) + worker.sweep_once(LAPSE) == 1
    assert (_status(free.id), _status(waiting[0].id)) == ("lapsed", "unpaid")


def test_an_answer_about_another_amount_settles_nothing(far: Far) -> None:
    paid = make.payment(make.purchase())
    far.says = Answer(PAID, paid.amount - 1)
    with clock.moved(seconds=31):
        worker.sweep_once(ASK)
    assert payment_now(paid.id).state == "pending"
    assert _rows("SELECT result FROM payments_callbacks") == [("wrong_amount",)]


def test_what_a_provider_closed_by_itself_is_closed_and_may_still_turn_out_paid(far: Far) -> None:
    paid = make.payment(make.purchase())
    far.says = Answer(CLOSED)
    with clock.moved(seconds=31):
        worker.sweep_once(ASK)
    assert payment_now(paid.id).state == "closed"
    sent = make.callback(paid)
    kept = in_transaction(lambda: actions.receive_callback("sandbox", sent.headers, sent.body))
    assert in_transaction(lambda: actions.settle_callback(kept))["result"] == "paid"


def test_payment_and_lapse_that_meet_are_never_both(app: Flask) -> None:
    """Scenario 15 in the small: the customer pays silently while the sweep closes."""
    made = [make.purchase() for _ in range(30)]
    paid = [make.payment(one) for one in made]
    met = threading.Barrier(2)
    in_transaction(lambda: db.session.execute(text("UPDATE orders_purchases SET pay_by = created_at")))

    def pay() -> None:
        for one in paid:
            met.wait(20)
            try:
                _pays_silently(one.id)
            except Refused:
                continue

    def sweep() -> None:
        for _ in paid:
            met.wait(20)
            in_transaction(lambda: actions.close_attempts("purchase", [one.id for one in made]))
            worker.sweep_once(LAPSE)

    together(app, pay, sweep)
    with clock.moved(seconds=31):
        worker.sweep_once(ASK)
        worker.sweep_once(LAPSE)
    for one, payment in zip(made, paid, strict=True):
        assert (_status(one.id), payment_now(payment.id).state) in {("paid", "paid"), ("lapsed", "closed")}


def test_events_are_never_changed_or_deleted(app: Flask) -> None:
    make.payment(make.purchase())
    for change in ("UPDATE payments_events SET what = 'x'", "DELETE FROM payments_events", "TRUNCATE payments_events"):
        with pytest.raises(IntegrityError, match="only ever added to"):
            in_transaction(lambda change=change: db.session.execute(text(change)))


def test_a_providers_number_belongs_to_one_payment(app: Flask) -> None:
    first, second = (make.payment(make.purchase()) for _ in range(2))
    number = text("UPDATE payments_payments SET reference = '42' WHERE id = :id")
    in_transaction(lambda: db.session.execute(number, {"id": first.id}))
    with pytest.raises(IntegrityError, match="uq_payments_payments_reference"):
        in_transaction(lambda: db.session.execute(number, {"id": second.id}))


def test_a_scene_that_a_gateway_does_not_know_is_refused(app: Flask) -> None:
    made = make.purchase()
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: pay_purchase(made.buyer.caller, made.id, "sandbox", "moon"))
    assert list(refused.value.errors) == ["scene"]


def test_a_payable_of_a_kind_that_nobody_knows_is_asked_about_for_a_day(app: Flask) -> None:
    fee, who = Ref("fee", new_id()), Ref("guest", new_id())
    begun = in_transaction(lambda: actions.begin_payment(fee, who, 500, "sandbox"))
    with clock.moved(hours=23):
        worker.sweep_once(ASK)
        assert payment_now(begun.id).state == "pending"
    with clock.moved(hours=25):
        worker.sweep_once(ASK)
    assert payment_now(begun.id).state == "closed"
