"""Payments: what a provider's callback does, whatever it says and however often it comes."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.ledger.queries import balance, is_balanced
from app.store.orders import actions as orders
from app.store.payments import actions
from app.store.payments.models import Callback, Payment
from app.store.payments.queries import payments_for
from app.store.repayments.actions import ask_refund
from app.store.repayments.models import Refund
from tests.make import order as make
from tests.store.racing import refusals, together

SWEEP = ["store.payments.settle_kept_callbacks"]


def _keep(sent: make.Sent) -> UUID:
    return in_transaction(lambda: actions.receive_callback("sandbox", sent.headers, sent.body))


def _tell(sent: make.Sent) -> str:
    """Receive and settle, each in its own transaction, as the door does."""
    kept = _keep(sent)
    return str(in_transaction(lambda: actions.settle_callback(kept))["result"])


def _count(table: str) -> int:
    found = db.session.scalar(text(f"SELECT count(*) FROM {table}"))
    db.session.rollback()
    assert isinstance(found, int)
    return found


def _state(payment_id: UUID) -> str:
    state = db.session.scalar(text("SELECT state FROM payments_payments WHERE id = :id"), {"id": payment_id})
    db.session.rollback()
    return str(state)


def _facts(name: str) -> int:
    found = db.session.scalar(text("SELECT count(*) FROM core_events WHERE name = :name"), {"name": name})
    db.session.rollback()
    assert isinstance(found, int)
    return found


def _other_payment(amount: int = 500, payer: Ref | None = None) -> Payment:
    """A payment of something that nobody listens for."""
    who = payer or Ref("guest", new_id())
    return in_transaction(lambda: actions.begin_payment(Ref("fee", new_id()), who, amount, "sandbox"))


def test_a_payment_settles_any_payable_and_says_so_once(app: Flask) -> None:
    paid = _other_payment()
    assert _tell(make.callback(paid)) == "paid"
    assert _state(paid.id) == "paid"
    assert _facts("PaymentSettled") == 1
    assert _count("ledger_journals") == 0


def test_fifty_deliveries_of_one_callback_at_once_settle_once(app: Flask) -> None:
    paid = make.payment(make.purchase())
    sent = make.callback(paid)
    found = together(app, *[lambda: _tell(sent)] * 50)
    assert found == ["paid"] * 50
    assert (_facts("PaymentSettled"), _facts("PurchasePaid"), _facts("OrderPaid")) == (1, 1, 1)
    assert (_count("payments_callbacks"), _count("ledger_journals"), _count("payments_refunds")) == (1, 1, 0)
    assert balance("gateway:sandbox") == paid.amount


def test_fifty_different_callbacks_about_one_payment_settle_once(app: Flask) -> None:
    paid = make.payment(make.purchase())
    found = together(app, *[lambda: _tell(make.callback(paid))] * 50)
    assert sorted(found) == ["no_change"] * 49 + ["paid"]
    assert (_facts("PaymentSettled"), _count("ledger_journals"), _count("payments_refunds")) == (1, 1, 0)


def test_a_signed_callback_about_another_amount_is_kept_and_changes_nothing(app: Flask) -> None:
    paid = make.payment(make.purchase())
    for amount in (paid.amount - 1, paid.amount + 1, 0):
        assert _tell(make.callback(paid, amount=amount)) == "wrong_amount"
    assert _state(paid.id) == "pending"
    assert (_count("payments_callbacks"), _facts("PaymentSettled"), _count("ledger_journals")) == (3, 0, 0)
    assert worker.sweep_once(SWEEP) == 0


def test_a_callback_about_a_payment_that_does_not_exist_is_kept_and_changes_nothing(app: Flask) -> None:
    sent = make.signed(orjson.dumps({"event_id": "e", "payment_id": str(new_id()), "outcome": "paid", "amount": 1}))
    assert _tell(sent) == "unknown_payment"
    assert (_count("payments_callbacks"), _facts("PaymentSettled")) == (1, 0)


BODY = orjson.dumps({"event_id": "e", "payment_id": str(new_id()), "outcome": "paid", "amount": 1})
BAD: dict[str, tuple[make.Sent, str, int]] = {
    "another secret": (make.signed(BODY, secret="guessed"), "callback_forged", 401),
    "no secret": (make.signed(BODY, secret=""), "callback_forged", 401),
    "no header": (make.Sent({}, BODY), "callback_unsigned", 401),
    "half a header": (make.Sent({"Sandbox-Signature": "t=1,v1="}, BODY), "callback_unsigned", 401),
    "a long header": (make.Sent({"Sandbox-Signature": "t=1,v1=" + "0" * 9999}, BODY), "callback_unsigned", 401),
}


def test_a_forged_callback_keeps_nothing(app: Flask) -> None:
    for case, (sent, code, status) in BAD.items():
        with pytest.raises(Refused) as refused:
            _tell(sent)
        assert (refused.value.code, refused.value.status) == (code, status), case
    assert _count("payments_callbacks") == 0


def test_a_callback_signed_more_than_five_minutes_away_is_refused(app: Flask) -> None:
    paid = make.payment(make.purchase())
    for age in (301, 86400, -302):
        with pytest.raises(Refused) as refused:
            _tell(make.callback(paid, age=age))
        assert (refused.value.code, refused.value.status) == ("callback_too_old", 400)
    assert (_count("payments_callbacks"), _state(paid.id)) == (0, "pending")
    assert _tell(make.callback(paid, age=290)) == "paid"


def test_a_signature_does_not_fit_another_body_or_another_time(app: Flask) -> None:
    paid = make.payment(make.purchase())
    sent = make.callback(paid)
    stamp, mac = sent.headers["Sandbox-Signature"].split(",")
    later = f"t={int(stamp.removeprefix('t=')) + 1},{mac}"
    for bad in (make.Sent(sent.headers, sent.body + b" "), make.Sent({"Sandbox-Signature": later}, sent.body)):
        with pytest.raises(Refused) as refused:
            _tell(bad)
        assert refused.value.code == "callback_forged"
    assert _state(paid.id) == "pending"


UNREADABLE = [
    b"", b"[]", b"null", b"{", b"\xff", b'{"event_id": "e"}', b"[" * 5000,
    BODY.replace(b'"amount":1', b'"amount":1.5'), BODY.replace(b'"amount":1', b'"amount":-1'),
    BODY.replace(b'"amount":1', b'"amount":true'), BODY.replace(b'"paid"', b'"refunded"'),
    BODY.replace(b'"e"', b'"\\u0000"'), BODY.replace(b'"e"', b'""'), BODY.replace(b'"amount":1', b'"amount":1e999'),
]  # fmt: skip


def test_a_signed_callback_that_cannot_be_read_is_refused(app: Flask) -> None:
    for body in UNREADABLE:
        with pytest.raises(Refused) as refused:
            _tell(make.signed(body))
        assert (refused.value.code, refused.value.status) == ("callback_unreadable", 400), body[:80]
    assert _count("payments_callbacks") == 0


def test_an_event_replayed_with_another_body_is_refused_and_changes_nothing(app: Flask) -> None:
    first, second = (make.payment(make.purchase()) for _ in range(2))
    assert _tell(make.callback(first, "failed", event_id="once")) == "failed"
    for replay in (make.callback(first, "paid", event_id="once"), make.callback(second, "failed", event_id="once")):
        with pytest.raises(Refused) as refused:
            _tell(replay)
        assert (refused.value.code, refused.value.status) == ("event_reused", 409)
    assert (_state(first.id), _state(second.id)) == ("failed", "pending")


def test_a_refused_event_that_is_corrected_and_sent_again_settles_and_stays_as_it_is_then(app: Flask) -> None:
    paid, other = (make.payment(make.purchase()) for _ in range(2))
    assert _tell(make.callback(paid, amount=1, event_id="once")) == "wrong_amount"
    assert _tell(make.callback(paid, amount=2, event_id="once")) == "wrong_amount"
    assert [_tell(make.callback(paid, event_id="once")) for _ in range(2)] == ["paid"] * 2
    for late in (make.callback(paid, amount=1, event_id="once"), make.callback(other, event_id="once")):
        with pytest.raises(Refused) as refused:
            _tell(late)
        assert refused.value.code == "event_reused"
    unknown = {"event_id": "two", "payment_id": str(new_id()), "outcome": "paid", "amount": other.amount}
    assert _tell(make.signed(orjson.dumps(unknown))) == "unknown_payment"
    assert _tell(make.callback(other, event_id="two")) == "paid"
    assert (_count("payments_callbacks"), _facts("PaymentSettled"), _facts("PurchasePaid")) == (2, 2, 2)


def test_fifty_corrections_of_a_refused_event_at_once_settle_once(app: Flask) -> None:
    paid = make.payment(make.purchase())
    wrong, right = make.callback(paid, amount=1, event_id="once"), make.callback(paid, event_id="once")
    assert _tell(wrong) == "wrong_amount"
    found = together(app, *[lambda: _tell(right)] * 45, *[lambda: _tell(wrong)] * 5)
    assert found[:45] == ["paid"] * 45
    # One that came first was refused for its amount, or finds what its event says by now.
    late = {one.code if isinstance(one, Refused) else one for one in found[45:]}
    assert late <= {"event_reused", "wrong_amount", "paid"}
    assert (_count("payments_callbacks"), _facts("PaymentSettled"), _count("ledger_journals")) == (1, 1, 1)


def test_a_paid_after_a_failed_counts(app: Flask) -> None:
    paid = make.payment(make.purchase())
    assert [_tell(make.callback(paid, outcome)) for outcome in ("failed", "failed", "paid")] == [
        "failed", "no_change", "paid",
    ]  # fmt: skip
    assert _state(paid.id) == "paid"
    assert (_facts("PaymentFailed"), _facts("PurchasePaid")) == (1, 1)


def test_a_failed_after_a_paid_does_not_count(app: Flask) -> None:
    paid = make.payment(make.purchase())
    assert [_tell(make.callback(paid, outcome)) for outcome in ("paid", "failed", "paid")] == [
        "paid", "no_change", "no_change",
    ]  # fmt: skip
    assert _state(paid.id) == "paid"
    assert (_facts("PaymentFailed"), _facts("PurchasePaid")) == (0, 1)


def test_paid_and_failed_at_once_end_paid(app: Flask) -> None:
    for _ in range(20):
        paid = make.payment(make.purchase())
        sent = [make.callback(paid, outcome) for outcome in ("paid", "failed")]
        together(app, *(lambda one=one: _tell(one) for one in sent))
        assert _state(paid.id) == "paid"


def test_a_callback_that_was_kept_and_not_settled_is_settled_by_the_sweep(app: Flask) -> None:
    paid = make.payment(make.purchase())
    kept = _keep(make.callback(paid))
    assert worker.sweep_once(SWEEP) == 0, "the door that kept it is still about to settle it"
    assert _state(paid.id) == "pending"
    with clock.moved(seconds=3):
        assert worker.sweep_once(SWEEP) == 1
        assert worker.sweep_once(SWEEP) == 0
    assert _state(paid.id) == "paid"
    assert in_transaction(lambda: actions.settle_callback(kept))["result"] == "paid"
    assert _facts("PurchasePaid") == 1


def test_a_callback_whose_settling_fails_is_put_off_and_holds_up_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (make.payment(make.purchase()) for _ in range(2))
    kept = _keep(make.callback(bad))
    _keep(make.callback(good))
    pay = orders.commit_holds

    def fail(subject: Ref) -> int:
        db.session.execute(text("SELECT 1 / 0")) if subject.id == _payable(bad.id) else None
        return pay(subject)

    monkeypatch.setattr(orders, "commit_holds", fail)
    with clock.moved(seconds=3):
        assert worker.sweep_once(SWEEP) == 2
    assert (_state(bad.id), _state(good.id)) == ("pending", "paid")
    assert _facts("PaymentSettled") == 1, "what failed left no trace"
    monkeypatch.undo()
    with clock.moved(seconds=5):
        assert worker.sweep_once(SWEEP) == 0, "it waits for its time"
    with clock.moved(seconds=15):
        assert worker.sweep_once(SWEEP) == 1
    assert _state(bad.id) == "paid"
    assert db.session.get(Callback, kept).tries == 1


def _payable(payment_id: UUID) -> UUID:
    found: UUID = db.session.scalar(db.select(Payment.payable_id).where(Payment.id == payment_id))
    return found


def test_sweep_and_doors_at_once_settle_once(app: Flask) -> None:
    paid = [make.payment(make.purchase()) for _ in range(10)]
    kept = [_keep(make.callback(one)) for one in paid]
    with clock.moved(seconds=3):
        sweeps = [lambda: worker.sweep_once(SWEEP)] * 4
        doors = [lambda one=one: in_transaction(lambda: actions.settle_callback(one)) for one in kept]
        together(app, *sweeps, *doors)
    assert (_facts("PurchasePaid"), _count("ledger_journals"), _count("payments_refunds")) == (10, 10, 0)
    assert balance("gateway:sandbox") == sum(one.amount for one in paid)
    assert is_balanced()


def test_attempts_are_numbered_and_each_is_a_payment_of_its_own(app: Flask) -> None:
    bought = make.purchase()
    found = together(app, *[lambda: make.payment(bought)] * 8)
    assert len({one.id for one in found}) == 8
    attempts = [one.attempt for one in payments_for(Ref("purchase", bought.id))]
    assert attempts == list(range(1, 9))


def test_a_gateway_that_is_not_there_or_closed_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    fee, who = Ref("fee", new_id()), Ref("guest", new_id())
    for name in ("", "base", "alipay", "sandbox "):
        with pytest.raises(Refused) as refused:
            in_transaction(lambda name=name: actions.begin_payment(fee, who, 1, name))
        assert (refused.value.status, list(refused.value.errors)) == (422, ["gateway"])
    monkeypatch.setattr("app.core.config.settings.sandbox_secret", "")
    with pytest.raises(Refused):
        _other_payment()


def test_a_refund_is_asked_once_for_a_reason_and_never_for_more_than_was_paid(app: Flask) -> None:
    paid = _other_payment(500)
    with pytest.raises(Refused) as unpaid:
        _ask(paid.id, 100, "too early")
    assert unpaid.value.code == "refund_too_large"
    _tell(make.callback(paid))
    first = _ask(paid.id, 300, "broken")
    assert _ask(paid.id, 300, "broken") == first
    with pytest.raises(Refused):
        _ask(paid.id, 201, "late")
    _ask(paid.id, 200, "late")
    assert (_count("payments_refunds"), _facts("RefundDue")) == (2, 2)


def test_refunds_asked_at_once_never_exceed_what_was_paid(app: Flask) -> None:
    paid = _other_payment(500)
    _tell(make.callback(paid))
    asks = [lambda turn=turn: _ask(paid.id, 200, f"reason {turn % 5}") for turn in range(20)]
    found: list[Any] = together(app, *asks)
    assert set(refusals(found)) == {"refund_too_large"}
    amounts = db.session.scalars(db.select(Refund.amount)).all()
    assert list(amounts) == [200, 200]


def _ask(payment_id: UUID, amount: int, reason: str) -> UUID:
    return in_transaction(lambda: ask_refund(payment_id, amount, reason).id)
