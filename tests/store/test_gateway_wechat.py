"""WeChat Pay: what we send, what we believe, and what we make of it. Against a real HTTP server of its public shape."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core import clock, outside, worker
from app.core.config import settings
from app.core.db import db, in_transaction
from app.store.payments.queries import payment as payment_now
from app.store.repayments.actions import ask_refund
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.pages import Browser
from tests.servers import wechat
from tests.servers.provider import is_signed, key, private_pem, public_pem, running, written
from tests.servers.wechat import API_KEY, APP_ID, KEY_ID, MERCHANT, MINI_APP_ID, SERIAL, FakeWeChat, notice
from tests.story import at_checkout

ASK, LAPSE, SEND = "store.payments.ask_providers", "store.orders.let_purchases_lapse", "store.repayments.send_refunds"


@pytest.fixture
def far(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeChat]:
    provider = FakeWeChat()
    given = {
        "wechat_app_id": APP_ID,
        "wechat_mini_app_id": MINI_APP_ID,
        "wechat_merchant_id": MERCHANT,
        "wechat_serial": SERIAL,
        "wechat_api_key": API_KEY,
        "wechat_public_key_id": KEY_ID,
        "wechat_private_key_file": written(tmp_path, "merchant.pem", private_pem(key("merchant"))),
        "wechat_public_key_file": written(tmp_path, "wechat.pem", public_pem(key("wechat"))),
        "wechat_url": provider.url,
        "public_url": "https://shop.example",
    }
    for name, value in given.items():
        monkeypatch.setattr(settings, name, value)
    with running(provider):
        yield provider


def _begin(client: Client, scene: str = "native", made: make.MadePurchase | None = None, **more: str) -> Any:
    bought = made or make.purchase()
    body = {"gateway": "wechat", "scene": scene, **more}
    return client.as_(bought.buyer.token).post(f"/purchases/{bought.id}/payments", body, key=uuid4().hex)


def _begun(client: Client) -> tuple[UUID, str]:
    """(id, number) of a payment that was begun."""
    found = _begin(client).json
    return UUID(found["id"]), UUID(found["id"]).hex


def _send(client: Client, sent: make.Sent) -> TestResponse:
    return client.post("/callbacks/wechat", data=sent.body, headers=sent.headers)


def _state(payment_id: UUID) -> str:
    found = payment_now(payment_id).state
    db.session.rollback()
    return found


def _count(table: str) -> Any:
    found = db.session.scalar(text(f"SELECT count(*) FROM {table}"))
    db.session.rollback()
    return found


def test_native_begins_with_a_code_and_the_provider_is_told_all_it_needs(far: FakeWeChat, client: Client) -> None:
    answer = _begin(client)
    assert (answer.status_code, answer.json["status"]) == (201, "pending")
    assert answer.json["pay"] == {"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}
    order = far.orders[UUID(answer.json["id"]).hex]
    assert (order["kind"], order["appid"], order["mchid"]) == ("native", APP_ID, MERCHANT)
    assert order["amount"] == {"total": 9900, "currency": "CNY"}
    assert order["notify_url"] == "https://shop.example/api/v1/callbacks/wechat"
    assert order["time_expire"].endswith("+08:00")


def test_an_app_gets_signed_parameters_for_its_call(far: FakeWeChat, client: Client) -> None:
    pay = _begin(client, "app").json["pay"]
    signed = f"{APP_ID}\n{pay['timestamp']}\n{pay['noncestr']}\n{pay['prepayid']}\n"
    assert is_signed(key("merchant"), signed, pay["sign"])
    assert (pay["appid"], pay["partnerid"], pay["package"]) == (APP_ID, MERCHANT, "Sign=WXPay")


def test_a_mini_program_pays_by_its_own_app_id_and_needs_to_say_who_pays(far: FakeWeChat, client: Client) -> None:
    unnamed = _begin(client, "mini")
    assert (unnamed.status_code, list(unnamed.json["errors"])) == (422, ["openid"])
    answer = _begin(client, "mini", openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    pay, order = answer.json["pay"], far.orders[UUID(answer.json["id"]).hex]
    signed = f"{MINI_APP_ID}\n{pay['timeStamp']}\n{pay['nonceStr']}\n{pay['package']}\n"
    assert is_signed(key("merchant"), signed, pay["paySign"])
    assert (order["appid"], order["payer"]) == (MINI_APP_ID, {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"})
    assert (pay["signType"], pay["package"][:10]) == ("RSA", "prepay_id=")


def test_h5_goes_to_an_address_and_tells_the_payers(far: FakeWeChat, client: Client) -> None:
    answer = _begin(client, "h5").json
    assert answer["pay_url"].startswith("https://wx.tenpay.com/")
    order = far.orders[UUID(answer["id"]).hex]
    assert order["scene_info"] == {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}


def test_a_desktop_page_is_no_scene_of_wechat(far: FakeWeChat, client: Client) -> None:
    assert list(_begin(client, "page").json["errors"]) == ["scene"]
    assert far.asked == []


def test_without_settings_it_is_closed_and_its_callbacks_are_not_there(client: Client) -> None:
    assert list(_begin(client).json["errors"]) == ["gateway"]
    assert _send(client, notice(wechat.paid(uuid4().hex, 1))).status_code == 404


def test_an_order_that_the_provider_refuses_has_failed(far: FakeWeChat, client: Client) -> None:
    made = make.purchase([make.line(make.sku(), price=13)])
    answer = _begin(client, made=made)
    assert (answer.status_code, answer.json["status"], answer.json["pay"]) == (201, "failed", None)


@pytest.mark.parametrize("fault", ["500", "garbage", "cut", "unsigned", "changed"])
def test_a_bad_answer_is_asked_for_again_by_the_worker_and_the_same_key_gets_it(
    far: FakeWeChat, client: Client, fault: str
) -> None:
    made, far.fault = make.purchase(), fault
    buyer, path = client.as_(made.buyer.token), f"/purchases/{made.id}/payments"
    body = {"gateway": "wechat", "scene": "native"}
    late = buyer.post(path, body, key="k")
    assert (late.status_code, late.json["status"], late.json["pay"]) == (202, "pending", None)
    far.fault = None
    with clock.moved(seconds=60):
        assert worker.sweep_once([ASK]) == 1
    done = buyer.post(path, body, key="k")
    assert (done.status_code, done.json["id"], bool(done.json["pay"])) == (201, late.json["id"], True)
    assert (len(far.orders), _count("payments_payments")) == (1, 1)


def test_a_slow_provider_holds_nobody_up(far: FakeWeChat, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "LIMIT_SECONDS", 0.3)
    far.fault = 1.0
    answer = _begin(client)
    assert (answer.status_code, answer.json["pay_url"]) == (202, "")


def test_a_notice_settles_once_and_is_acknowledged_each_time(far: FakeWeChat, client: Client) -> None:
    payment_id, number = _begun(client)
    sent = notice(wechat.paid(number, 9900))
    for _ in range(3):
        answer = _send(client, sent)
        assert (answer.status_code, answer.json) == (200, {"code": "SUCCESS", "message": "OK"})
    assert (_state(payment_id), payment_now(payment_id).reference) == ("paid", "42000" + number[:20])
    assert (_count("payments_callbacks"), _count("ledger_journals")) == (1, 1)


def test_forged_old_and_foreign_notices_change_nothing(far: FakeWeChat, client: Client) -> None:
    payment_id, number = _begun(client)
    good = wechat.paid(number, 9900)
    sent = notice(good)
    cases: dict[str, tuple[make.Sent, int]] = {
        "another's signature": (notice(good, by="nobody"), 401),
        "another body": (make.Sent(sent.headers, sent.body.replace(b"TRANSACTION", b"TRANSACTIOM")), 401),
        "another time": (make.Sent({**sent.headers, "Wechatpay-Timestamp": "1"}, sent.body), 401),
        "no signature": (make.Sent({"Content-Type": "application/json"}, sent.body), 401),
        "a serial that we do not know": (notice(good, serial="5F3F" * 10), 401),
        "a serial that is no number": (notice(good, serial="x"), 401),
        "sealed with another key": (notice(good, api_key="k" * 32), 401),
        "five minutes old": (notice(good, age=301), 400),
        "of another merchant": (notice({**good, "mchid": "1"}), 400),
        "of another app": (notice({**good, "appid": "wx1"}), 400),
        "no order of ours": (notice(wechat.paid("20150806125346", 9900)), 400),
        "an order that is not there": (notice(wechat.paid(uuid4().hex, 9900)), 404),
        "another amount": (notice(wechat.paid(number, 9899)), 422),
        "an amount in yuan": (notice({**good, "amount": {"total": 99.0, "currency": "CNY"}}), 400),
        "another currency": (notice({**good, "amount": {"total": 9900, "currency": "USD"}}), 422),
        "not paid": (notice({**good, "trade_state": "USERPAYING"}), 400),
    }
    found = {name: _send(client, one).status_code for name, (one, _) in cases.items()}
    assert found == {name: status for name, (_, status) in cases.items()}
    assert (_state(payment_id), _count("ledger_journals")) == ("pending", 0)
    assert len(far.asked) == 1, "reading a notice calls nobody"


def test_a_lost_notice_is_asked_for(far: FakeWeChat, client: Client) -> None:
    payment_id, number = _begun(client)
    with clock.moved(seconds=25):
        worker.sweep_once([ASK])
        assert _state(payment_id) == "pending"
    far.pays(number)
    with clock.moved(seconds=60):
        worker.sweep_once([ASK])
    assert (_state(payment_id), payment_now(payment_id).reference) == ("paid", "42000" + number[:20])


@pytest.mark.parametrize("fault", ["500", "garbage", "cut", "unsigned"])
def test_an_answer_that_cannot_be_trusted_settles_nothing(far: FakeWeChat, client: Client, fault: str) -> None:
    payment_id, number = _begun(client)
    far.pays(number)
    far.fault = fault
    with clock.moved(seconds=25):
        assert worker.sweep_once([ASK]) == 1
    assert _state(payment_id) == "pending"


def test_before_a_purchase_lapses_its_order_is_closed_at_the_provider(far: FakeWeChat, client: Client) -> None:
    payment_id, number = _begun(client)
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        assert worker.sweep_once([LAPSE]) == 0
        worker.sweep_once([ASK])
        assert worker.sweep_once([LAPSE]) == 1
    assert (far.orders[number]["trade_state"], _state(payment_id)) == ("CLOSED", "closed")


def test_a_refund_is_paid_once_under_its_number_however_often_it_is_sent(far: FakeWeChat, client: Client) -> None:
    payment_id, number = _begun(client)
    far.pays(number)
    _send(client, notice(wechat.paid(number, 9900)))
    refund_id = in_transaction(lambda: ask_refund(payment_id, 400, "broken").id)
    far.fault = "cut"
    worker.sweep_once([SEND])
    assert db.session.execute(text("SELECT state FROM payments_refunds")).scalar_one() == "sent"
    db.session.rollback()
    far.fault = None
    with clock.moved(seconds=40):
        worker.sweep_once([SEND])
    assert db.session.execute(text("SELECT state FROM payments_refunds")).scalar_one() == "done"
    assert list(far.refunds) == [refund_id.hex]
    assert far.refunds[refund_id.hex]["amount"] == {"refund": 400, "total": 9900, "currency": "CNY"}


@pytest.mark.parametrize(("status", "state"), [("PROCESSING", "sent"), ("ABNORMAL", "failed"), ("CLOSED", "failed")])
def test_a_refund_that_is_not_paid_yet_is_finished_by_its_notice(
    far: FakeWeChat, client: Client, status: str, state: str
) -> None:
    payment_id, number = _begun(client)
    _send(client, notice(wechat.paid(number, 9900)))
    refund_id = in_transaction(lambda: ask_refund(payment_id, 400, "broken").id)
    far.refund_status = status
    worker.sweep_once([SEND])
    shown = text("SELECT state FROM payments_refunds")
    assert in_transaction(lambda: db.session.scalar(shown)) == state
    wrong = notice(wechat.refunded(number, refund_id.hex, 401), "REFUND.SUCCESS")
    assert _send(client, wrong).status_code == 200
    assert in_transaction(lambda: db.session.scalar(shown)) == state
    told = notice(wechat.refunded(number, refund_id.hex, 400), "REFUND.SUCCESS")
    assert [_send(client, told).status_code for _ in range(2)] == [200, 200]
    assert in_transaction(lambda: db.session.scalar(shown)) == "done"


def test_a_browser_is_shown_a_code_to_scan_and_then_that_it_is_paid(
    app: Flask, far: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "public_url", "http://localhost")
    browser = at_checkout(Browser(app), town.product(price=9900))
    assert "微信支付" in browser.text
    browser.send(**town.ADDRESS, gateway="wechat").follow()
    assert browser.path.startswith("/payments/")
    for words in ('class="qr"', "请用手机扫码支付", "¥99.00"):
        assert words in browser.text
    assert browser.answer.headers["Refresh"] == "3"
    where, number = browser.path, UUID(browser.path.partition("?")[0].rpartition("/")[2]).hex
    far.pays(number)
    with clock.moved(seconds=30):
        worker.sweep_once([ASK])
    assert "已支付" in browser.open(where).text
    assert "Refresh" not in browser.answer.headers
    assert Browser(app).open(where).status == 200, "others may pay for him"
    assert Browser(app).open(where.partition("?")[0]).status == 404


def test_a_provider_that_is_away_is_waited_for_on_the_page(
    app: Flask, far: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "public_url", "http://localhost")
    monkeypatch.setattr(outside, "LIMIT_SECONDS", 0.05)
    far.fault = 1.0
    browser = at_checkout(Browser(app), town.product()).send(**town.ADDRESS, gateway="wechat").follow()
    assert "正在连接支付渠道" in browser.text
    assert browser.answer.headers["Refresh"] == "3"
