"""Alipay as its public documents describe it, for tests."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from app.core.clock import CHINA
from tests.make.order import Sent
from tests.servers.provider import Asked, Provider, Reply, is_signed, key, signature

APP_ID, SELLER = "2014072300007148", "2088101106499364"


def text_to_sign(values: dict[str, str], *without: str) -> str:
    return "&".join(f"{name}={values[name]}" for name in sorted(values) if name not in without)


def form_of(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


class FakeAlipay(Provider):
    """Trades and refunds by our numbers. A payer who opens one (`opens`) makes it exist, `pays` pays it."""

    def __init__(self) -> None:
        super().__init__()
        self.trades: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.code: tuple[str, str] | None = None
        """What it answers to everything: (code, sub_code)."""

    def opens(self, number: str, amount: str) -> None:
        known = {"trade_no": "2026" + number[:20], "out_trade_no": number, "total_amount": amount}
        self.trades.setdefault(number, {**known, "trade_status": "WAIT_BUYER_PAY", "buyer_logon_id": "159****5620"})

    def pays(self, number: str, amount: str) -> None:
        self.opens(number, amount)
        self.trades[number]["trade_status"] = "TRADE_SUCCESS"

    def answer(self, asked: Asked) -> Reply:
        given = form_of(urlsplit(asked.path).query)
        if not is_signed(key("app"), text_to_sign(given, "sign"), given["sign"]):
            said = {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
            return Reply(200, json.dumps({"error_response": said}), {})
        name = given["method"].replace(".", "_") + "_response"
        said = self._said(given["method"], json.loads(given["biz_content"]))
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        by = "nobody" if self.fault == "unsigned" else "alipay"
        return Reply(200, f'{{"{name}":{text},"sign":"{signature(key(by), text)}"}}', {"Content-Type": "text/html"})

    def _said(self, method: str, sent: dict[str, Any]) -> dict[str, Any]:
        if self.code is not None:
            return {"code": self.code[0], "msg": "Business Failed", "sub_code": self.code[1], "sub_msg": "失败"}
        number = sent["out_trade_no"]
        if method == "alipay.trade.precreate":
            return self._ok({"out_trade_no": number, "qr_code": "https://qr.alipay.com/bax03431ljhokirwl38f00a7"})
        if method == "alipay.trade.create":
            self.opens(number, sent["total_amount"])
        trade = self.trades.get(number)
        if trade is None:
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "不存在"}
        if method == "alipay.trade.close":
            return self._closed(trade)
        if method == "alipay.trade.refund":
            return self._refunded(trade, sent)
        if method == "alipay.trade.fastpay.refund.query":
            return self._ok(self.refunds.get(sent["out_request_no"], {}))
        return self._ok(trade)

    def _closed(self, trade: dict[str, Any]) -> dict[str, Any]:
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_STATUS_ERROR", "sub_msg": "状态"}
        trade["trade_status"] = "TRADE_CLOSED"
        return self._ok({"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]})

    def _refunded(self, trade: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
        is_new = sent["out_request_no"] not in self.refunds
        about = {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]}
        if is_new:
            status = {"refund_status": "REFUND_SUCCESS", "refund_amount": sent["refund_amount"]}
            self.refunds[sent["out_request_no"]] = {**about, **status, "out_request_no": sent["out_request_no"]}
        return self._ok({**about, "fund_change": "Y" if is_new else "N", "refund_fee": sent["refund_amount"]})

    def _ok(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"code": "10000", "msg": "Success", **said}


def notice(number: str, amount: str, *, by: str = "alipay", age: float = 0, **other: str) -> Sent:
    """A notice as Alipay sends it: a signed form. `other` replaces or adds fields, before it is signed."""
    sent = datetime.now(CHINA) - timedelta(seconds=age)
    said = {
        "notify_time": f"{sent:%Y-%m-%d %H:%M:%S}",
        "notify_type": "trade_status_sync",
        "notify_id": uuid4().hex,
        "charset": "utf-8",
        "version": "1.0",
        "app_id": APP_ID,
        "auth_app_id": APP_ID,
        "trade_no": "2026" + number[:20],
        "out_trade_no": number,
        "buyer_id": "2088102122524333",
        "seller_id": SELLER,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": amount,
        "receipt_amount": amount,
        "subject": "订单",
        "gmt_payment": "2026-11-23 10:00:00",
        **other,
    }
    signed = {**said, "sign_type": "RSA2", "sign": signature(key(by), text_to_sign(said))}
    return Sent({"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, urlencode(signed).encode())
