"""The doors of payments: the sandbox's callbacks, its customer, its pay page."""

import re
from uuid import uuid4

import orjson
import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from app.core import clock, config, worker
from app.core.caller import PERSON, Ref
from app.core.db import db, in_transaction
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import wallet_account
from app.store.orders import actions as orders
from app.store.payments import actions, queries
from app.store.payments.models import Payment
from app.store.payments.schemas import CallbackOut, PlayedOut
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.store.racing import together

CALLBACK = "/callbacks/sandbox"


def _send(client: Client, sent: make.Sent) -> TestResponse:
    return client.post(CALLBACK, data=sent.body, headers=sent.headers)


def _state(payment_id: object) -> str | None:
    state: str | None = db.session.scalar(db.select(Payment.state).where(Payment.id == payment_id))
    db.session.rollback()
    return state


def _kept() -> list[tuple[str, bool]]:
    rows = db.session.execute(text("SELECT result, settled_at IS NOT NULL FROM payments_callbacks ORDER BY id")).all()
    db.session.rollback()
    return [(row[0], row[1]) for row in rows]


def test_a_callback_is_answered_with_what_came_of_it_and_again_the_same(client: Client) -> None:
    paid = make.payment(make.purchase())
    sent = make.callback(paid)
    answers = [_send(client, sent) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    assert answers[0].json == answers[1].json == answers[2].json
    assert answers[0].json == CallbackOut().dump(answers[0].json)
    assert answers[0].json["result"] == "paid"
    assert _state(paid.id) == "paid"


def test_a_wrong_amount_is_kept_answered_422_and_changes_nothing(client: Client) -> None:
    paid = make.payment(make.purchase())
    sent = make.callback(paid, amount=paid.amount - 1)
    for _ in range(2):
        answer = _send(client, sent)
        assert (answer.status_code, answer.json["code"]) == (422, "wrong_amount")
    assert (_kept(), _state(paid.id)) == ([("wrong_amount", True)], "pending")


def test_forged_and_old_callbacks_are_refused(client: Client) -> None:
    paid = make.payment(make.purchase())
    for age, secret, status in ((0, "guessed", 401), (301, None, 400), (-400, None, 400)):
        answer = _send(client, make.callback(paid, age=age, secret=secret))
        assert answer.status_code == status
    assert (_kept(), _state(paid.id)) == ([], "pending")


def test_fifty_deliveries_over_http_at_once_settle_once(client: Client, app: Flask) -> None:
    paid = make.payment(make.purchase())
    sent = make.callback(paid)
    answers = together(app, *[lambda: _send(client, sent).status_code] * 50)
    assert set(answers) <= {200, 503}, "busy is said so, and the provider sends it again"
    assert _send(client, sent).status_code == 200
    settled = db.session.scalar(text("SELECT count(*) FROM core_events WHERE name = 'PaymentSettled'"))
    assert (settled, db.session.scalar(text("SELECT count(*) FROM ledger_journals"))) == (1, 1)


def test_a_callback_that_is_too_large_or_about_nothing_is_refused(client: Client) -> None:
    assert _send(client, make.signed(b" " * (1 << 17))).status_code == 413
    unknown = {"event_id": "e", "payment_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "outcome": "paid", "amount": 1}
    answer = _send(client, make.signed(orjson.dumps(unknown)))
    assert (answer.status_code, _kept()) == (404, [("unknown_payment", True)])


def test_a_callback_whose_settling_fails_stays_kept_and_is_settled_when_sent_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = make.payment(make.purchase())
    sent = make.callback(paid)
    monkeypatch.setattr(orders, "commit_holds", lambda subject: 1 // 0)
    assert _send(client, sent).status_code == 500
    assert (_kept(), _state(paid.id)) == ([(None, False)], "pending")
    monkeypatch.undo()
    assert _send(client, sent).json["result"] == "paid"
    assert _state(paid.id) == "paid"


@pytest.mark.parametrize("outcome", ["paid", "failed"])
def test_the_buyer_plays_the_customer_as_often_as_he_likes(client: Client, outcome: str) -> None:
    made = make.purchase()
    paid = make.payment(made)
    buyer = client.as_(made.buyer.token)
    for _ in range(2):
        answer = buyer.post(f"/sandbox/payments/{paid.id}/outcome", {"outcome": outcome})
        assert answer.status_code == 200
        assert answer.json == PlayedOut().dump(answer.json)
        assert answer.json["status"] == outcome
    assert _kept() == [(outcome, True)]


def test_only_the_payments_own_buyer_plays_its_customer(client: Client) -> None:
    paid = make.payment(make.purchase())
    path = f"/sandbox/payments/{paid.id}/outcome"
    assert client.post(path, {"outcome": "paid"}).status_code == 401
    stranger = client.as_(make.buyer().token)
    foreign = stranger.post(path, {"outcome": "paid"})
    missing = stranger.post(f"/sandbox/payments/{make.purchase().id}/outcome", {"outcome": "paid"})
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json["detail"] == missing.json["detail"]
    assert _state(paid.id) == "pending"


@pytest.mark.parametrize("outcome", ["paid", "failed", "lost", "refund_fails"])
def test_the_sandbox_plays_no_payment_of_another_gateway(client: Client, outcome: str) -> None:
    who = town.person()
    filled = [("gateway:bank", 9900), (wallet_account(who.id), -9900)]
    in_transaction(lambda: post_journal("gift", Ref("gift", uuid4()), filled))
    bought = make.purchase(who=make.Buyer(who.token, Ref(PERSON, who.id)))
    paid = in_transaction(lambda: make.actions.pay_purchase(bought.buyer.caller, bought.id, "wallet"))
    path = f"/sandbox/payments/{paid.id}/outcome"
    assert client.as_(who.token).post(path, {"outcome": outcome}).status_code == 404
    assert db.session.scalar(text("SELECT count(*) FROM payments_sandbox_books")) == 0


def test_an_outcome_is_paid_or_failed(client: Client) -> None:
    made = make.purchase()
    paid = make.payment(made)
    for body in ({}, {"outcome": "refunded"}, {"outcome": None}, {"outcome": 1}, []):
        answer = client.as_(made.buyer.token).post(f"/sandbox/payments/{paid.id}/outcome", body)
        assert answer.status_code == 422


def test_without_the_sandbox_none_of_it_is_there(client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make.purchase()
    paid = make.payment(made)
    monkeypatch.setattr(config.settings, "sandbox_payments", False)
    buyer = client.as_(made.buyer.token)
    assert _send(client, make.callback(paid)).status_code == 404
    assert buyer.post(f"/sandbox/payments/{paid.id}/outcome", {"outcome": "paid"}).status_code == 404
    assert app.test_client().get(paid.pay_url).status_code == 404
    again = buyer.post(f"/purchases/{made.id}/payments", {"gateway": "sandbox"}, key="k")
    assert (again.status_code, list(again.json["errors"])) == (422, ["gateway"])
    assert _state(paid.id) == "pending"


def _form_token(page: TestResponse) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', page.text)
    assert found
    return found[1]


def _press(browser: Browser, address: str, outcome: str) -> TestResponse:
    shown = browser.get(address)
    given = re.search(r'name="pass" value="([^"]*)"', shown.text)
    sent = {"form_token": _form_token(shown), "pass": given[1] if given else "", "outcome": outcome}
    return browser.post(address.partition("?")[0], data=sent)


def test_whoever_holds_the_pay_url_pays_on_its_page_and_goes_back(app: Flask) -> None:
    made = make.purchase()
    paid = make.payment(made)
    browser = app.test_client()
    assert "¥99.00" in browser.get(paid.pay_url).text
    failed = _press(browser, paid.pay_url, "failed")
    assert (failed.status_code, failed.headers["Location"]) == (303, f"/purchases/{made.id}")
    assert _state(paid.id) == "failed"
    done = _press(browser, paid.pay_url, "paid")
    assert (done.status_code, done.headers["Location"]) == (303, f"/purchases/{made.id}")
    assert _state(paid.id) == "paid"
    assert 'name="outcome"' not in browser.get(paid.pay_url).text


def test_the_buyer_needs_no_pass_and_a_stranger_has_none(app: Flask) -> None:
    made = make.purchase()
    paid, other = make.payment(made), make.payment(make.purchase())
    bare = f"/sandbox/pay/{paid.id}"
    buyer, stranger = app.test_client(), app.test_client()
    buyer.set_cookie("guest", made.buyer.token)
    assert buyer.get(bare).status_code == 200
    altered = other.pay_url.split("pass=")[1]
    for address in (bare, f"{bare}?pass=", f"{bare}?pass={altered}", f"{bare}?pass={paid.pay_url[-60:]}x"):
        assert stranger.get(address).status_code == 404
    assert buyer.post(bare, data={"outcome": "paid"}).status_code == 403, "no form token"
    token = _form_token(stranger.get(other.pay_url))
    sent = {"form_token": token, "pass": altered, "outcome": "paid"}
    assert stranger.post(bare, data=sent).status_code == 404
    assert _press(buyer, bare, "paid").headers["Location"] == bare
    assert _state(paid.id) == "paid"
    assert _state(other.id) == "pending"


def test_a_page_payment_whose_settling_fails_stays_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = make.payment(make.purchase())
    monkeypatch.setattr(orders, "commit_holds", lambda subject: 1 // 0)
    assert _press(app.test_client(), paid.pay_url, "paid").status_code == 500
    assert (_kept(), _state(paid.id)) == ([(None, False)], "pending")
    monkeypatch.undo()
    with clock.moved(seconds=10):
        assert worker.sweep_once(["store.payments.settle_kept_callbacks"]) == 1
    assert _state(paid.id) == "paid"


def _end(made: make.MadePurchase, how: str) -> None:
    """Let a purchase be paid by another attempt, be cancelled, or lapse."""
    if how == "paid":
        kept = in_transaction(lambda: actions.play_outcome(queries.payment(make.payment(made).id), "paid"))
        in_transaction(lambda: actions.settle_callback(kept))
    elif how == "cancelled":
        in_transaction(lambda: orders.cancel_purchase(made.buyer.caller, made.id))
    else:
        with clock.moved(hours=1):
            assert worker.sweep_once(["store.orders.let_purchases_lapse"]) == 1


@pytest.mark.parametrize(
    ("how", "says"), [("paid", "已由另一次支付付清"), ("cancelled", "订单已关闭"), ("lapsed", "订单已关闭")]
)
def test_a_pay_page_of_what_is_settled_says_so_and_takes_no_money(app: Flask, how: str, says: str) -> None:
    made = make.purchase()
    paid = make.payment(made)
    browser = app.test_client()
    token = _form_token(browser.get(paid.pay_url))
    _end(made, how)
    shown = browser.get(paid.pay_url)
    assert says in shown.text
    assert 'name="outcome"' not in shown.text
    assert f'href="/purchases/{made.id}"' in shown.text
    sent = {"form_token": token, "pass": paid.pay_url.partition("pass=")[2], "outcome": "paid"}
    pressed = browser.post(f"/sandbox/pay/{paid.id}", data=sent)
    assert (pressed.status_code, pressed.headers["Location"]) == (303, f"/purchases/{made.id}")
    assert _state(paid.id) == ("closed" if how == "lapsed" else "pending")
    assert db.session.scalar(text("SELECT count(*) FROM payments_refunds")) == 0


def test_a_callback_that_comes_after_another_payment_is_still_taken_and_its_money_due_back(client: Client) -> None:
    made = make.purchase()
    paid = make.payment(made)
    _end(made, "paid")
    assert _send(client, make.callback(paid)).json["result"] == "paid"
    assert db.session.scalar(text("SELECT count(*) FROM payments_refunds")) == 1


def test_what_ways_to_pay_are_open_is_told_to_anybody(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {one["id"]: one["scenes"] for one in client.get("/payment-ways").json["items"]}
    assert ways == {name: ["app", "h5", "mini", "native", "page"] for name in ("sandbox", "wallet")}
    monkeypatch.setattr(config.settings, "sandbox_payments", False)
    assert [one["id"] for one in client.get("/payment-ways").json["items"]] == ["wallet"]
