"""Alipay: what we sign, what we believe, and what we make of it. Against a real HTTP server of its public shape."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core import clock, worker
from app.core.config import settings
from app.core.db import db, in_transaction
from app.store.payments.queries import payment as payment_now
from app.store.repayments.actions import ask_refund
from tests.client import Client
from tests.make import order as make
from tests.servers.alipay import APP_ID, SELLER, FakeAlipay, form_of, notice, text_to_sign
from tests.servers.provider import is_signed, key, private_pem, public_pem, running, written

ASK, LAPSE, SEND = "store.payments.ask_providers", "store.orders.let_purchases_lapse", "store.repayments.send_refunds"


@pytest.fixture
def far(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAlipay]:
    provider = FakeAlipay()
    given = {
        "alipay_app_id": APP_ID,
        "alipay_seller_id": SELLER,
        "alipay_private_key_file": written(tmp_path, "app.pem", private_pem(key("app"))),
        "alipay_public_key_file": written(tmp_path, "alipay.pem", public_pem(key("alipay"))),
        "alipay_url": f"{provider.url}/gateway.do",
        "public_url": "https://shop.example",
    }
    for name, value in given.items():
        monkeypatch.setattr(settings, name, value)
    with running(provider):
        yield provider


def _begin(client: Client, scene: str, made: make.MadePurchase | None = None, **more: str) -> Any:
    bought = made or make.purchase()
    body = {"gateway": "alipay", "scene": scene, **more}
    return client.as_(bought.buyer.token).post(f"/purchases/{bought.id}/payments", body, key=uuid4().hex)


def _begun(client: Client) -> tuple[UUID, str]:
    found = _begin(client, "page").json
    return UUID(found["id"]), UUID(found["id"]).hex


def _send(client: Client, sent: make.Sent) -> TestResponse:
    return client.post("/callbacks/alipay", data=sent.body, headers=sent.headers)


def _state(payment_id: UUID) -> str:
    found = payment_now(payment_id).state
    db.session.rollback()
    return found


def _one(query: str) -> Any:
    return in_transaction(lambda: db.session.scalar(text(query)))


@pytest.mark.parametrize(
    ("scene", "method", "product"),
    [
        ("app", "alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
        ("h5", "alipay.trade.wap.pay", "QUICK_WAP_PAY"),
        ("page", "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    ],
)
def test_an_order_is_signed_for_the_payers_own_device_without_a_call(
    far: FakeAlipay, client: Client, scene: str, method: str, product: str
) -> None:
    answer = _begin(client, scene)
    assert (answer.status_code, answer.json["status"], far.asked) == (201, "pending", [])
    order = answer.json["pay"]["order"] if scene == "app" else urlsplit(answer.json["pay_url"]).query
    sent = form_of(order)
    assert is_signed(key("app"), text_to_sign(sent, "sign"), sent["sign"])
    assert (sent["app_id"], sent["method"], sent["sign_type"]) == (APP_ID, method, "RSA2")
    assert sent["notify_url"] == "https://shop.example/api/v1/callbacks/alipay"
    wanted = json.loads(sent["biz_content"])
    assert (wanted["out_trade_no"], wanted["total_amount"]) == (UUID(answer.json["id"]).hex, "99.00")
    assert (wanted["product_code"], len(wanted["time_expire"])) == (product, 19)
    assert ("return_url" in sent) == (scene != "app")


def test_the_time_of_a_request_is_chinas(far: FakeAlipay, client: Client) -> None:
    order = form_of(_begin(client, "app").json["pay"]["order"])
    now = clock.now().astimezone(clock.CHINA)
    assert order["timestamp"][:13] in {f"{now:%Y-%m-%d %H}", f"{now:%Y-%m-%d} {(now.hour - 1) % 24:02d}"}


def test_native_gets_a_code_and_a_mini_program_a_trade(far: FakeAlipay, client: Client) -> None:
    assert _begin(client, "native").json["pay"]["code_url"].startswith("https://qr.alipay.com/")
    assert list(_begin(client, "mini").json["errors"]) == ["openid"]
    mini = _begin(client, "mini", openid="074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5")
    number = UUID(mini.json["id"]).hex
    assert mini.json["pay"] == {"trade_no": "2026" + number[:20]}


@pytest.mark.parametrize("fault", ["500", "garbage", "cut", "unsigned", "changed"])
def test_a_bad_answer_is_asked_for_again(far: FakeAlipay, client: Client, fault: str) -> None:
    far.fault = fault
    answer = _begin(client, "native")
    assert (answer.status_code, answer.json["pay"]) == (202, None)
    far.fault = None
    with clock.moved(seconds=60):
        assert worker.sweep_once([ASK]) == 1
    assert payment_now(UUID(answer.json["id"])).pay is not None


def test_an_order_that_alipay_refuses_has_failed_and_one_that_it_is_unsure_of_has_not(
    far: FakeAlipay, client: Client
) -> None:
    far.code = ("40004", "ACQ.TOTAL_FEE_EXCEED")
    assert _begin(client, "native").json["status"] == "failed"
    for unsure in (("40004", "ACQ.SYSTEM_ERROR"), ("20000", "isp.unknow-error"), ("20000", "aop.unknow-error")):
        far.code = unsure
        assert _begin(client, "native").status_code == 202


def test_a_notice_settles_once_and_is_answered_success(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    sent = notice(number, "99.00")
    for _ in range(3):
        answer = _send(client, sent)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, b"success", "text/plain")
    assert (_state(payment_id), payment_now(payment_id).reference) == ("paid", "2026" + number[:20])
    assert (_one("SELECT count(*) FROM payments_callbacks"), _one("SELECT count(*) FROM ledger_journals")) == (1, 1)


def test_forged_old_and_foreign_notices_change_nothing(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    sent = notice(number, "99.00")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    cases: dict[str, tuple[make.Sent, int]] = {
        "another's signature": (notice(number, "99.00", by="nobody"), 401),
        "another amount than was signed": (make.Sent(sent.headers, sent.body.replace(b"=99.00", b"=98.00")), 401),
        "another algorithm": (make.Sent(form, sent.body.replace(b"RSA2", b"RSA")), 401),
        "no signature": (make.Sent(form, sent.body.partition(b"&sign=")[0]), 401),
        "a signature that is no base64": (make.Sent(form, sent.body.partition(b"&sign=")[0] + b"&sign=%00"), 401),
        "nothing": (make.Sent(form, b""), 401),
        "no form": (make.Sent(form, b"\xff\xfe{"), 400),
        "27 hours old": (notice(number, "99.00", age=27 * 3600), 400),
        "of another app": (notice(number, "99.00", app_id="2014"), 400),
        "to another seller": (notice(number, "99.00", seller_id="2088"), 400),
        "no order of ours": (notice("6823789339978248", "99.00"), 400),
        "an order that is not there": (notice(uuid4().hex, "99.00"), 404),
        "another amount": (notice(number, "98.99"), 422),
        "a strange amount": (notice(number, "99.001"), 400),
        "a strange state": (notice(number, "99.00", trade_status="WHO_KNOWS"), 400),
    }
    found = {name: _send(client, one).status_code for name, (one, _) in cases.items()}
    assert found == {name: status for name, (_, status) in cases.items()}
    assert (_state(payment_id), _one("SELECT count(*) FROM ledger_journals"), far.asked) == ("pending", 0, [])


def test_waiting_closing_and_refunds_are_told_and_do_no_harm(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    assert _send(client, notice(number, "99.00", trade_status="WAIT_BUYER_PAY")).data == b"success"
    assert _state(payment_id) == "pending"
    _send(client, notice(number, "99.00"))
    refunded = {"trade_status": "TRADE_CLOSED", "refund_fee": "99.00", "gmt_refund": "2026-11-23 12:00:00.000"}
    assert _send(client, notice(number, "99.00", **refunded)).data == b"success"
    assert _send(client, notice(number, "99.00", trade_status="TRADE_FINISHED")).data == b"success"
    assert _state(payment_id) == "paid"
    other_id, other = _begun(client)
    _send(client, notice(other, "99.00", trade_status="TRADE_CLOSED"))
    assert _state(other_id) == "failed"


def test_a_lost_notice_is_asked_for(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    with clock.moved(seconds=25):
        worker.sweep_once([ASK])
        assert _state(payment_id) == "pending", "nobody has opened it yet"
    far.pays(number, "99.00")
    with clock.moved(seconds=60):
        worker.sweep_once([ASK])
    assert (_state(payment_id), payment_now(payment_id).reference) == ("paid", "2026" + number[:20])


def test_an_answer_about_another_amount_settles_nothing(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    far.pays(number, "98.00")
    with clock.moved(seconds=25):
        worker.sweep_once([ASK])
    assert (_state(payment_id), _one("SELECT result FROM payments_callbacks")) == ("pending", "wrong_amount")


@pytest.mark.parametrize("is_opened", [True, False])
def test_before_a_purchase_lapses_its_trade_is_closed(far: FakeAlipay, client: Client, is_opened: bool) -> None:
    payment_id, number = _begun(client)
    if is_opened:
        far.opens(number, "99.00")
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once([LAPSE]) == 0
        worker.sweep_once([ASK])
        assert worker.sweep_once([LAPSE]) == 1
    assert _state(payment_id) == "closed"
    assert not is_opened or far.trades[number]["trade_status"] == "TRADE_CLOSED"


def test_what_is_paid_while_it_is_being_closed_is_paid(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once([LAPSE]) == 0
        far.pays(number, "99.00")
        worker.sweep_once([ASK])
        assert worker.sweep_once([LAPSE]) == 0
    assert _state(payment_id) == "paid"


def test_a_refund_is_paid_once_under_its_number_however_often_it_is_sent(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    far.pays(number, "99.00")
    _send(client, notice(number, "99.00"))
    refund_id = in_transaction(lambda: ask_refund(payment_id, 405, "broken").id)
    far.fault = "cut"
    worker.sweep_once([SEND])
    assert _one("SELECT state FROM payments_refunds") == "sent"
    far.fault = None
    with clock.moved(seconds=40):
        worker.sweep_once([SEND])
    assert _one("SELECT state FROM payments_refunds") == "done"
    assert {name: one["refund_amount"] for name, one in far.refunds.items()} == {refund_id.hex: "4.05"}


def test_a_refund_that_alipay_refuses_stays_retryable(far: FakeAlipay, client: Client) -> None:
    payment_id, number = _begun(client)
    far.pays(number, "99.00")
    _send(client, notice(number, "99.00"))
    in_transaction(lambda: ask_refund(payment_id, 405, "broken").id)
    far.code = ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH")
    worker.sweep_once([SEND])
    assert _one("SELECT state || ' ' || error FROM payments_refunds") == "failed ACQ.SELLER_BALANCE_NOT_ENOUGH"
    far.code = None
    with clock.moved(seconds=70):
        worker.sweep_once([SEND])
    assert _one("SELECT state FROM payments_refunds") == "done"
