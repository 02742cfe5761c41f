"""The pages of payments and refunds, as an admin works with them."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import worker
from app.core.db import db, in_transaction
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from app.store.repayments.actions import ask_refund
from tests import make as town
from tests.make import order as make
from tests.pages import Browser, with_second_factor
from tests.statements import statements


@pytest.fixture
def admin(app: Flask) -> Iterator[Browser]:
    person = town.person(nickname="总管", roles=("admin",))
    yield with_second_factor(app, person)[0]


def _paid() -> UUID:
    made = make.payment(make.purchase()).id
    kept = in_transaction(lambda: payments.play_outcome(payment_now(made), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))
    return made


def _failed_refund() -> tuple[UUID, UUID]:
    payment_id = _paid()
    in_transaction(lambda: payments.play_fault(payment_now(payment_id), "refund_fails"))
    refund_id = in_transaction(lambda: ask_refund(payment_id, 100, "屏幕坏了").id)
    worker.sweep_once(["store.repayments.send_refunds"])
    return payment_id, refund_id


def test_a_failed_refund_is_seen_retried_by_a_button_and_then_gone(admin: Browser) -> None:
    payment_id, refund_id = _failed_refund()
    shown = admin.open("/admin/payments/refunds").text
    assert str(refund_id) in shown and "the sandbox was told to fail once" in shown
    assert admin.send(f"{refund_id}/retry").status == 303
    worker.sweep_once(["store.repayments.send_refunds"])
    assert str(refund_id) not in admin.open("/admin/payments/refunds").text
    told = admin.open(f"/admin/payments/{payment_id}").text
    for word in ("已退款", "屏幕坏了", "请求退款", "退款中 → 已退款", "退款中 → 失败", "¥99.00"):
        assert word in told, word
    assert (
        in_transaction(lambda: db.session.scalar(text("SELECT what FROM core_audit ORDER BY id DESC LIMIT 1")))
        == "refund_retried"
    )


def test_a_payment_is_found_by_any_of_its_numbers(admin: Browser) -> None:
    payment_id, refund_id = _failed_refund()
    other = _paid()
    number = text("UPDATE payments_payments SET reference = '42' WHERE id = :id")
    in_transaction(lambda: db.session.execute(number, {"id": other}))
    payable = payment_now(payment_id).payable_id
    for words in (payment_id, refund_id, payable):
        shown = admin.open(f"/admin/payments?about={words}").text
        assert f"/admin/payments/{payment_id}" in shown and str(other) not in shown
    assert f"/admin/payments/{other}" in admin.open("/admin/payments?about=42").text
    assert "没有找到" in admin.open(f"/admin/payments?about={uuid4()}").text


def test_what_happened_to_a_payment_is_told_in_words(admin: Browser) -> None:
    payment_id, _ = _failed_refund()
    shown = admin.open(f"/admin/payments/{payment_id}").text.split("<main")[1]
    told = (
        "发起支付",
        "渠道回调",
        "待支付 → 已支付",
        "订单",
        "第 1 次支付",
        "请求退款",
        "退款结果",
        "沙盒",
        "电脑网页",
    )
    for words in (*told, "金额: ¥"):
        assert words in shown, words
    for raw in ("begun", "callback", "pending", "purchase ", "#1", "sandbox ·", ">refund", "outcome:"):
        assert raw not in shown, raw


def test_the_result_of_the_last_proof_is_shown(app: Flask, admin: Browser) -> None:
    assert "还没有运行过" in admin.open("/admin/payments").text
    _paid()
    db.session.remove()
    assert app.test_cli_runner().invoke(args=["ledger", "prove"]).exit_code == 0
    assert ">平<" in admin.open("/admin/payments").text


def test_the_list_goes_on_and_costs_the_same_for_many(admin: Browser) -> None:
    _paid()
    admin.open("/admin/payments")
    with statements() as few:
        admin.open("/admin/payments")
    first = payment_now(_paid()).id
    for _ in range(52):
        make.payment(make.purchase())
    with statements() as many:
        admin.open("/admin/payments")
    assert len(few) == len(many) < 25
    assert str(first) not in admin.text
    following = admin.text.split('rel="next" href="')[1].partition('"')[0]
    assert str(first) in admin.open(f"/admin/payments{following}").text
