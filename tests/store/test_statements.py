"""Statements of providers against our books: exactly what is different is printed, and nothing else."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.db import db, in_transaction
from app.core.money import yuan
from app.store.payments import actions as payments
from app.store.payments.queries import PaymentToPay
from app.store.repayments.actions import ask_refund
from app.store.statements import queries
from app.store.statements.queries import Seen
from tests.make import order as make


def _paid(price: int = 9900) -> PaymentToPay:
    paid = make.payment(make.purchase([make.line(make.sku(), price=price)]))
    sent = make.callback(paid)
    kept = in_transaction(lambda: payments.receive_callback("sandbox", sent.headers, sent.body))
    in_transaction(lambda: payments.settle_callback(kept))
    return paid


def _now() -> str:
    return f"{clock.now().astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}"


def _line(number: UUID | str, amount: int = 9900, kind: str = "payment") -> str:
    return f"{kind},{number},{yuan(amount)},{_now()}"


def _reconcile(app: Flask, path: Path, *options: str) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=["payments", "reconcile", str(path), *options])


Statement = Callable[..., Result]


@pytest.fixture
def statement(app: Flask, tmp_path: Path) -> Statement:
    def run(*lines: str, options: tuple[str, ...] = ("--gateway", "sandbox")) -> Result:
        path = tmp_path / "statement.csv"
        path.write_text("\n".join(["kind,number,amount,time", *lines]) + "\n")
        return _reconcile(app, path, *options)

    return run


def test_a_statement_that_agrees_prints_nothing(statement: Statement) -> None:
    paid = [_paid() for _ in range(3)]
    refund_id = in_transaction(lambda: ask_refund(paid[0].id, 400, "broken").id)
    worker.sweep_once(["store.repayments.send_refunds"])
    result = statement(*[_line(one.id) for one in paid], _line(refund_id.hex, 400, "refund"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "4 rows, 0 differences" in result.stderr


def test_one_extra_one_missing_and_one_wrong_amount_print_exactly_three(statement: Statement) -> None:
    right, wrong, lacking = _paid(), _paid(), _paid()
    extra = uuid4()
    result = statement(_line(right.id), _line(wrong.id, 9901), _line(extra))
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"amount payment {wrong.id} theirs=99.01 ours=99.00",
        f"missing_here payment {extra} theirs=99.00",
        f"missing_there payment {lacking.id.hex} ours=99.00",
    ]


def test_what_is_not_paid_here_or_named_twice_or_no_number_of_ours_is_told(statement: Statement) -> None:
    unpaid, twice = make.payment(make.purchase()), _paid()
    result = statement(_line(unpaid.id), _line(twice.id), _line(twice.id), _line("6823789339978248"))
    assert result.stdout.splitlines() == [
        f"missing_here payment {unpaid.id} theirs=99.00",
        f"twice payment {twice.id} theirs=99.00 ours=99.00",
        "missing_here payment 6823789339978248 theirs=99.00",
    ]


def test_refunds_are_compared_too_and_only_those_that_are_done(statement: Statement) -> None:
    paid = _paid()
    done = in_transaction(lambda: ask_refund(paid.id, 400, "broken").id)
    worker.sweep_once(["store.repayments.send_refunds"])
    due = in_transaction(lambda: ask_refund(paid.id, 100, "late").id)
    result = statement(_line(paid.id), _line(due, 100, "refund"))
    assert result.stdout.splitlines() == [
        f"missing_here refund {due} theirs=1.00",
        f"missing_there refund {done.hex} ours=4.00",
    ]


def test_another_days_and_another_gateways_payments_are_not_missed(app: Flask, statement: Statement) -> None:
    paid, yesterday = _paid(), _paid()
    move = "UPDATE payments_payments SET settled_at = settled_at - interval '1 day' WHERE id = :id"
    in_transaction(lambda: db.session.execute(text(move), {"id": yesterday.id}))
    assert statement(_line(paid.id)).stdout == ""
    assert statement(_line(paid.id), options=("--gateway", "wallet")).stdout.startswith("missing_here payment")
    day = f"{clock.now().astimezone(clock.CHINA) - timedelta(days=1):%Y-%m-%d}"
    empty = statement(options=("--gateway", "sandbox", "--day", day))
    assert empty.stdout == f"missing_there payment {yesterday.id.hex} ours=99.00\n"


def test_free_purchases_are_in_no_statement(statement: Statement) -> None:
    _paid(0)
    other = _paid()
    assert statement(_line(other.id)).stdout == ""


@pytest.mark.parametrize(
    "lines",
    [
        ["payment,1,9.999,2026-11-23 10:00:00"],
        ["payment,1,9.99,yesterday"],
        ["gift,1,9.99,2026-11-23 10:00:00"],
        ["payment,1"],
    ],
)
def test_a_line_that_cannot_be_read_ends_it_and_is_named(statement: Statement, lines: list[str]) -> None:
    result = statement(*lines)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "row 1 after the header" in result.stderr


def test_a_file_without_a_known_header_or_gateway_is_refused(app: Flask, statement: Statement, tmp_path: Path) -> None:
    assert "--gateway" in statement(_line(uuid4()), options=()).stderr
    path = tmp_path / "poem.csv"
    path.write_text("床前明月光\n疑是地上霜\n")
    assert (_reconcile(app, path).exit_code, "no header" in _reconcile(app, path).stderr) == (2, True)


ALIPAY = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,订单金额（元）,商家实收（元）,"
    "退款批次号/请求号,备注"
)
WECHAT = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)


def _by(gateway: str, *paid: PaymentToPay) -> None:
    change = "UPDATE payments_payments SET gateway = :gateway WHERE id = :id"
    for one in paid:
        in_transaction(lambda one=one: db.session.execute(text(change), {"gateway": gateway, "id": one.id}))


def _refunded(paid: PaymentToPay) -> UUID:
    refund_id = in_transaction(lambda: ask_refund(paid.id, 400, "broken").id)
    worker.sweep_once(["store.repayments.send_refunds"])
    return refund_id


def test_alipays_own_form_is_understood(app: Flask, tmp_path: Path) -> None:
    paid, lacking = _paid(), _paid()
    refund_id = _refunded(paid)
    _by("alipay", paid, lacking)
    now, number = _now(), paid.id.hex
    lines = [
        "#支付宝业务明细查询", "#账号：[20881011064993640156]", "#-----业务明细列表----", ALIPAY,
        f"2026112322001\t,{number}\t,交易,订单,{now},{now},,99.00,99.00,,",
        f"2026112322001\t,{number}\t,退款,订单,{now},{now},,-4.00,-4.00,{refund_id.hex}\t,",
        "#-----业务明细列表结束----", "#交易合计：1笔，商家实收共99.00元",
    ]  # fmt: skip
    path = tmp_path / "alipay.csv"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    result = _reconcile(app, path)
    assert result.stdout == f"missing_there payment {lacking.id.hex} ours=99.00\n", result.stderr


def test_wechats_own_form_is_understood_also_packed(app: Flask, tmp_path: Path) -> None:
    paid = _paid()
    refund_id = _refunded(paid)
    _by("wechat", paid)
    head = f"`{_now()},`wx7,`1900006891,`0,`,`42000,`{paid.id.hex},`oUp,`NATIVE"
    refund = f"`50000,`{refund_id.hex},`4.00,`0.00,`ORIGINAL,`SUCCESS,`订单,`,`-0.02,`0.60%,`0.00,`4.01,`"
    lines = [
        WECHAT,
        f"{head},`SUCCESS,`OTHERS,`CNY,`99.00,`0.00,`0,`0,`0.00,`0.00,`,`,`订单,`,`0.59000,`0.60%,`99.00,`0.00,`",
        f"{head},`REFUND,`OTHERS,`CNY,`0.00,`0.00,{refund}",
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
        "`2,`99.00,`4.00,`0.00,`0.57,`99.00,`4.00",
    ]
    path = tmp_path / "wechat.csv.gz"
    path.write_bytes(gzip.compress("\ufeff".encode() + "\r\n".join(lines).encode()))
    result = _reconcile(app, path)
    assert result.stdout == f"amount refund {refund_id.hex} theirs=4.01 ours=4.00\n", result.stderr


def test_numbers_of_millions_of_rows_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_FRESH", 100)
    seen, numbers = Seen(), [uuid4() for _ in range(1000)]
    assert all(seen.add(one) for one in numbers)
    assert not any(seen.add(one) for one in numbers)
    assert all(seen.has(one) for one in numbers)
    assert not seen.has(uuid4())
