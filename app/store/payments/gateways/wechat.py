"""WeChat Pay, API v3: app, H5, mini-program and QR code, by wechatpayv3.

Source of the rules: the provider's public documents of /v3/pay/transactions, /v3/refund/domestic/refunds and of its
notices. The merchant verifies with WeChat Pay's public key (not with platform certificates, which must be fetched).
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
from wechatpayv3 import WeChatPay, WeChatPayType

from app.core import clock
from app.core.config import settings
from app.store.payments.gateways.base import (
    BEGUN,
    CLOSED,
    DECLINED,
    PENDING,
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
from app.store.payments.models import APP, H5, MINI, NATIVE, PAID, REFUND_FAILED, REFUNDED

log = structlog.get_logger("payments")
TIMEOUT_SECONDS = (2, 3)
"""To connect, and between two pieces of an answer."""
OLDEST_SECONDS = 300
_TYPES = {APP: WeChatPayType.APP, H5: WeChatPayType.H5, MINI: WeChatPayType.MINIPROG, NATIVE: WeChatPayType.NATIVE}
_STATES = {"SUCCESS": PAID, "REFUND": PAID, "NOTPAY": PENDING, "USERPAYING": PENDING, "ACCEPT": PENDING}
"""One that was refunded was paid. All others are closed."""
_ENDED = {"CLOSED", "REVOKED", "PAYERROR"}
_REFUNDS = {"SUCCESS": REFUNDED, "PROCESSING": REFUNDING, "CLOSED": DECLINED, "ABNORMAL": DECLINED}
_UNSURE = {"SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "BANK_ERROR", "SIGN_ERROR"}
"""Codes after which nobody knows what was done, or which only a setting mends."""
Said = dict[str, Any]


class WeChat(Gateway):
    """Open with the merchant's numbers and keys (docs/deploy.md)."""

    name = "wechat"
    title = ("微信支付", "WeChat Pay")
    scenes = frozenset(_TYPES)
    needs_openid = True
    acknowledgement = b'{"code":"SUCCESS","message":"OK"}'

    def is_open(self) -> bool:
        numbers = settings.wechat_app_id and settings.wechat_merchant_id and settings.wechat_serial
        keys = settings.wechat_private_key_file and settings.wechat_public_key_file and settings.wechat_public_key_id
        return bool(numbers and keys and settings.wechat_api_key and settings.public_url)

    def begins_here(self, scene: str) -> bool:
        return False

    def begin(self, attempt: Attempt) -> Answer:
        how = attempt.how
        wanted: Said = {
            "description": how.title or f"订单 {attempt.number[-8:]}",
            "out_trade_no": attempt.number,
            "amount": {"total": attempt.amount, "currency": attempt.currency},
            "pay_type": _TYPES[how.scene],
            "appid": _app_id(how.scene),
            "notify_url": _notify_url(),
        }
        if attempt.pay_by is not None:
            wanted["time_expire"] = attempt.pay_by.astimezone(clock.CHINA).isoformat(timespec="seconds")
        if how.scene == MINI:
            wanted["payer"] = {"openid": how.openid}
        if how.scene == H5:
            wanted["scene_info"] = {"payer_client_ip": how.ip, "h5_info": {"type": "Wap"}}
        return _asked(lambda client: client.pay(**wanted), lambda said: _begun(how.scene, said))

    def query(self, attempt: Attempt) -> Answer:
        def read(said: Said) -> Answer:
            if (said["out_trade_no"], said["mchid"]) != (attempt.number, settings.wechat_merchant_id):
                return unclear("another order")
            state = CLOSED if said["trade_state"] in _ENDED else _STATES[said["trade_state"]]
            if state != PAID:
                return Answer(state)
            amount = said["amount"]
            return Answer(PAID, amount["total"], amount["currency"], said["transaction_id"])

        found = _asked(lambda client: client.query(out_trade_no=attempt.number), read)
        return Answer(UNKNOWN) if found.reason in {"ORDER_NOT_EXIST", "ORDERNOTEXIST"} else found

    def close(self, attempt: Attempt) -> Answer:
        found = _asked(lambda client: client.close(out_trade_no=attempt.number), lambda said: Answer(CLOSED))
        is_closed = found.reason in {"ORDER_CLOSED", "ORDER_NOT_EXIST", "ORDERNOTEXIST"}
        return Answer(CLOSED) if is_closed or found.what == CLOSED else unclear(found.reason)

    def refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        """Asked again with the same number, it answers how that refund stands."""
        wanted = {
            "out_refund_no": asked.number,
            "out_trade_no": attempt.number,
            "amount": {"refund": asked.amount, "total": attempt.amount, "currency": attempt.currency},
            "notify_url": _notify_url(),
        }
        return _asked(lambda client: client.refund(**wanted), lambda said: _refund_said(asked, said))

    def query_refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        found = _asked(lambda client: client.query_refund(asked.number), lambda said: _refund_said(asked, said))
        return Answer(UNKNOWN) if found.reason == "RESOURCE_NOT_EXISTS" else found

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Told:
        stamp = headers.get("Wechatpay-Timestamp", "")
        if not (headers.get("Wechatpay-Signature") and stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise BadCallback("unsigned")
        try:
            notice = _client().callback(headers, body)
        except Exception as error:  # another algorithm, no JSON, a serial that is no number: it raises anything
            raise BadCallback("forged") from error
        if not notice:
            raise BadCallback("forged")
        if abs(clock.now().timestamp() - int(stamp)) > OLDEST_SECONDS:
            raise BadCallback("too_old")
        return _told(notice)


gateway = WeChat()


def _told(notice: Said) -> Told:
    """What a notice says whose signature is right."""
    try:
        said, kind = notice["resource"], notice["event_type"]
        if said["mchid"] != settings.wechat_merchant_id:
            raise BadCallback("wrong_merchant")
        event, payment = str(notice["id"]), UUID(hex=said["out_trade_no"])
        if kind.startswith("REFUND."):
            outcome = REFUNDED if said["refund_status"] == "SUCCESS" else REFUND_FAILED
            number = {"refund_id": UUID(hex=said["out_refund_no"]), "reference": said["refund_id"]}
            return Told(event, payment, outcome, _whole(said["amount"]["refund"]), **number)
        if said["appid"] not in {settings.wechat_app_id, settings.wechat_mini_app_id}:
            raise BadCallback("wrong_app")
        if (kind, said["trade_state"]) != ("TRANSACTION.SUCCESS", "SUCCESS"):
            raise BadCallback("unreadable")
        sum_ = (_whole(said["amount"]["total"]), str(said["amount"]["currency"]))
        return Told(event, payment, PAID, *sum_, reference=said["transaction_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadCallback("unreadable") from error


def _whole(amount: object) -> int:
    """An amount in 分. Raises ValueError for anything but a whole number."""
    if type(amount) is not int or amount < 0:
        raise ValueError(f"no amount: {amount!r}")
    return amount


def _begun(scene: str, said: Said) -> Answer:
    """What the payer's device needs: an address, a code, or the signed values of an app's or mini-program's call."""
    if scene == H5:
        return Answer(BEGUN, url=said["h5_url"])
    if scene == NATIVE:
        return Answer(BEGUN, pay={"code_url": said["code_url"]})
    app_id, prepay_id = _app_id(scene), said["prepay_id"]
    stamp, nonce = str(int(clock.now().timestamp())), uuid4().hex
    if scene == APP:
        pay = {"appid": app_id, "partnerid": settings.wechat_merchant_id, "prepayid": prepay_id}
        pay |= {"package": "Sign=WXPay", "noncestr": nonce, "timestamp": stamp}
        return Answer(BEGUN, pay={**pay, "sign": _client().sign([app_id, stamp, nonce, prepay_id])})
    package = f"prepay_id={prepay_id}"
    pay = {"appId": app_id, "timeStamp": stamp, "nonceStr": nonce, "package": package, "signType": "RSA"}
    return Answer(BEGUN, pay={**pay, "paySign": _client().sign([app_id, stamp, nonce, package])})


def _refund_said(asked: RefundAsked, said: Said) -> Answer:
    if said["out_refund_no"] != asked.number or said["amount"]["refund"] != asked.amount:
        return unclear("another refund")
    return Answer(_REFUNDS[said["status"]], asked.amount, reference=said["refund_id"], reason=said["status"])


def _asked(call: Callable[[WeChatPay], tuple[int, Any]], read: Callable[[Said], Answer]) -> Answer:
    """What WeChat answers, once its signature is right. Whatever else happens on the way is unclear."""
    try:
        status, text = call(_client())
        said: Said = json.loads(text) if text else {}
        if 200 <= status < 300:
            return read(said)
        code = str(said["code"])
    except Exception as error:  # the net, the signature, the JSON: the library raises anything
        log.warning("provider_unclear", gateway=gateway.name, error=type(error).__name__)
        return unclear(type(error).__name__)
    return unclear(code) if status >= 500 or status == 429 or code in _UNSURE else Answer(DECLINED, reason=code)


def _app_id(scene: str) -> str:
    """A mini-program has an app id of its own."""
    return settings.wechat_mini_app_id or settings.wechat_app_id if scene == MINI else settings.wechat_app_id


def _notify_url() -> str:
    return f"{settings.public_url.rstrip('/')}/api/v1/callbacks/wechat"


def _client() -> WeChatPay:
    files = (settings.wechat_private_key_file, settings.wechat_public_key_file)
    numbers = (settings.wechat_app_id, settings.wechat_merchant_id, settings.wechat_serial)
    return _made(numbers, files, settings.wechat_public_key_id, settings.wechat_api_key, settings.wechat_url)


@lru_cache(maxsize=4)
def _made(numbers: tuple[str, str, str], files: tuple[str, str], key_id: str, api_key: str, url: str) -> WeChatPay:
    app_id, merchant_id, serial = numbers
    private_key, public_key = (Path(one).read_text() for one in files)
    made = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=merchant_id,
        private_key=private_key,
        cert_serial_no=serial,
        appid=app_id,
        apiv3_key=api_key,
        timeout=TIMEOUT_SECONDS,
        public_key=public_key,
        public_key_id=key_id,
    )
    made._core._gate_way = url  # it knows only its own
    # A notice signed by a key that we do not know would make it call WeChat for certificates: while a callback is read.
    made._core._update_certificates = lambda: None
    return made
