"""Alipay: app, H5, desktop page, QR code and mini-program, by python-alipay-sdk.

Source of the rules: the provider's public documents of alipay.trade.* and of its asynchronous notices. Amounts there
are yuan with two decimals, times are of China.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from alipay import AliPay, AliPayConfig
from alipay.exceptions import AliPayException

from app.core import clock, money
from app.core.config import settings
from app.store.payments.gateways.base import (
    BEGUN,
    CLOSED,
    DECLINED,
    PENDING,
    REFUNDED,
    REFUNDING,
    UNKNOWN,
    Answer,
    Attempt,
    BadCallback,
    Gateway,
    RefundAsked,
    Told,
    unclear,
)
from app.store.payments.models import APP, CREATED, FAILED, H5, NATIVE, PAGE, PAID, SCENES

log = structlog.get_logger("payments")
TIMEOUT_SECONDS = 4
OLDEST = timedelta(hours=26)
"""A notice is sent again for 25 hours; one that was taken is not taken again, by its notify_id."""
_SIGNED = {
    APP: ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
    H5: ("alipay.trade.wap.pay", "QUICK_WAP_PAY"),
    PAGE: ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
}
"""Scenes that the payer's own device sends: we only sign. (method, product code)"""
_STATES = {"TRADE_SUCCESS": PAID, "TRADE_FINISHED": PAID, "WAIT_BUYER_PAY": PENDING, "TRADE_CLOSED": CLOSED}
_TOLD = {PAID: PAID, PENDING: CREATED, CLOSED: FAILED}
_UNSURE = ("ACQ.SYSTEM_ERROR", "aop.", "isp.")
"""How codes begin after which nobody knows what was done."""


class Alipay(Gateway):
    """Open with an app id, its private key and the provider's public key (docs/deploy.md)."""

    name = "alipay"
    title = ("支付宝", "Alipay")
    scenes = frozenset(SCENES)
    needs_openid = True
    acknowledgement = b"success"

    def is_open(self) -> bool:
        keys = settings.alipay_private_key_file and settings.alipay_public_key_file
        return bool(settings.alipay_app_id and keys and settings.public_url)

    def begins_here(self, scene: str) -> bool:
        return scene in _SIGNED

    def begin(self, attempt: Attempt) -> Answer:
        scene, order = attempt.how.scene, self._order(attempt)
        if scene in _SIGNED:
            method, product = _SIGNED[scene]
            back = f"{settings.public_url.rstrip('/')}{attempt.how.back}"
            named = {} if scene == APP else {"return_url": back}
            signed = _client().client_api(method, {**order, "product_code": product}, **_always(), **named)
            return Answer(BEGUN, pay={"order": signed}) if scene == APP else Answer(BEGUN, url=f"{_url()}?{signed}")
        if scene == NATIVE:
            return _asked("alipay.trade.precreate", order, lambda said: _begun({"code_url": said["qr_code"]}))
        payer = {"op_app_id": settings.alipay_app_id, "buyer_open_id": attempt.how.openid, "product_code": "JSAPI_PAY"}
        return _asked("alipay.trade.create", {**order, **payer}, lambda said: _begun({"trade_no": said["trade_no"]}))

    def query(self, attempt: Attempt) -> Answer:
        def read(said: dict[str, Any]) -> Answer:
            state = _STATES[said["trade_status"]]
            if said["out_trade_no"] != attempt.number:
                return unclear("another order")
            return Answer(state, money.from_yuan(said["total_amount"]), reference=said["trade_no"])

        found = _asked("alipay.trade.query", {"out_trade_no": attempt.number}, read)
        return Answer(UNKNOWN) if found.reason == "ACQ.TRADE_NOT_EXIST" else found

    def close(self, attempt: Attempt) -> Answer:
        """What nobody has opened cannot be closed; it ends by itself at `pay_by`."""
        found = _asked("alipay.trade.close", {"out_trade_no": attempt.number}, lambda said: Answer(CLOSED))
        if found.reason == "ACQ.TRADE_NOT_EXIST":
            is_over = attempt.pay_by is None or attempt.pay_by < clock.now()
            return Answer(CLOSED) if is_over else unclear("not opened yet")
        return found if found.what == CLOSED else unclear(found.reason)

    def refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        """Asked again with the same number nothing more is paid, and fund_change says "N": then we look."""

        def read(said: dict[str, Any]) -> Answer:
            if said.get("fund_change") == "Y":
                return Answer(REFUNDED, asked.amount, reference=said["trade_no"])
            return Answer(REFUNDING)

        order = {"out_trade_no": attempt.number, "refund_amount": money.yuan(asked.amount)}
        found = _asked("alipay.trade.refund", {**order, "out_request_no": asked.number}, read)
        return self.query_refund(attempt, asked) if found.what == REFUNDING else found

    def query_refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        def read(said: dict[str, Any]) -> Answer:
            if said.get("refund_status") != "REFUND_SUCCESS":
                return Answer(UNKNOWN)
            if said["out_request_no"] != asked.number or money.from_yuan(said["refund_amount"]) != asked.amount:
                return unclear("another refund")
            return Answer(REFUNDED, asked.amount, reference=said["trade_no"])

        number = {"out_trade_no": attempt.number, "out_request_no": asked.number}
        found = _asked("alipay.trade.fastpay.refund.query", number, read)
        return Answer(UNKNOWN) if found.reason == "ACQ.TRADE_NOT_EXIST" else found

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Told:
        """A notice after a refund says that the trade is closed: that was no failure, and is told as "created"."""
        said = _form_of(body)
        signature = said.pop("sign", "")
        if not signature:
            raise BadCallback("unsigned")
        if not _is_signed(dict(said), signature):
            raise BadCallback("forged")
        if said.get("app_id") != settings.alipay_app_id:
            raise BadCallback("wrong_app")
        if settings.alipay_seller_id and said.get("seller_id") != settings.alipay_seller_id:
            raise BadCallback("wrong_merchant")
        try:
            sent = datetime.strptime(said["notify_time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.CHINA)
            outcome = CREATED if "gmt_refund" in said else _TOLD[_STATES[said["trade_status"]]]
            amount, payment = money.from_yuan(said["total_amount"]), UUID(hex=said["out_trade_no"])
            told = Told(said["notify_id"], payment, outcome, amount, reference=said["trade_no"])
        except (KeyError, ValueError) as error:
            raise BadCallback("unreadable") from error
        if abs(clock.now() - sent) > OLDEST:
            raise BadCallback("too_old")
        return told

    def _order(self, attempt: Attempt) -> dict[str, Any]:
        order = {
            "out_trade_no": attempt.number,
            "total_amount": money.yuan(attempt.amount),
            "subject": attempt.how.title or f"订单 {attempt.number[-8:]}",
        }
        if attempt.pay_by is not None:
            order["time_expire"] = f"{attempt.pay_by.astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}"
        return order


gateway = Alipay()


def _begun(pay: dict[str, Any]) -> Answer:
    return Answer(BEGUN, pay=pay)


def _asked(method: str, order: dict[str, Any], read: Callable[[dict[str, Any]], Answer]) -> Answer:
    """What Alipay answers, once its signature is right. Whatever else happens on the way is unclear."""
    try:
        said = _client().server_api(method, order, **_always())
        if said["code"] == "10000":
            return read(said)
        code = str(said.get("sub_code") or said["code"])
    except AliPayException as error:
        return unclear(f"unsigned answer: {error}")
    except Exception as error:  # the net, the signature, the JSON: the library raises anything
        log.warning("provider_unclear", gateway=gateway.name, method=method, error=type(error).__name__)
        return unclear(type(error).__name__)
    is_unsure = said["code"] == "20000" or code.startswith(_UNSURE)
    return unclear(code) if is_unsure else Answer(DECLINED, reason=code)


def _form_of(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=200))
    except ValueError as error:
        raise BadCallback("unreadable") from error


def _is_signed(said: dict[str, str], signature: str) -> bool:
    try:
        return bool(_client().verify(said, signature))
    except Exception:  # no base64, another algorithm: the library raises anything
        return False


def _always() -> dict[str, str]:
    """In each request: the time of China, whatever this machine's zone, and where notices go."""
    notify = f"{settings.public_url.rstrip('/')}/api/v1/callbacks/alipay"
    return {"timestamp": f"{clock.now().astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}", "notify_url": notify}


def _url() -> str:
    return settings.alipay_url


def _client() -> AliPay:
    return _made(settings.alipay_app_id, settings.alipay_private_key_file, settings.alipay_public_key_file, _url())


@lru_cache(maxsize=4)
def _made(app_id: str, private_key: str, public_key: str, url: str) -> AliPay:
    made = AliPay(
        appid=app_id,
        app_private_key_string=Path(private_key).read_text(),
        alipay_public_key_string=Path(public_key).read_text(),
        config=AliPayConfig(timeout=TIMEOUT_SECONDS),
    )
    made._gateway = url  # it knows only its own two
    return made
