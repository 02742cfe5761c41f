"""WeChat Pay as its public documents describe it (API v3), for tests."""

import json
import re
import time
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.make.order import Sent
from tests.servers.provider import Asked, Provider, Reply, is_signed, key, signature

MERCHANT, APP_ID, MINI_APP_ID, SERIAL = "1900006891", "wx7777777777777777", "wx8888888888888888", "5F3F"
API_KEY, KEY_ID = "a secret of thirty-two characters", "PUB_KEY_ID_0119000068912026"
API_KEY = API_KEY[:32]
_SHAPE = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="(.+?)",nonce_str="(.+?)",signature="(.+?)",timestamp="(\d+)",serial_no="(.+?)"'
)


class FakeWeChat(Provider):
    """Orders and refunds by our numbers. `pays(number)` is the payer; `refund_status` what a new refund answers."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.refund_status = "SUCCESS"

    def pays(self, number: str) -> None:
        self.orders[number] |= {"trade_state": "SUCCESS", "transaction_id": "42000" + number[:20]}

    def answer(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return self._says(401, {"code": "SIGN_ERROR", "message": "签名错误"})
        path, sent = urlsplit(asked.path).path, json.loads(asked.body or "{}")
        if asked.method == "POST" and path.startswith("/v3/pay/transactions/out-trade-no/"):
            return self._close(path.split("/")[-2])
        if asked.method == "POST" and path.startswith("/v3/pay/transactions/"):
            return self._begin(path.rpartition("/")[2], sent)
        if path.startswith("/v3/pay/transactions/out-trade-no/"):
            return self._found(self.orders.get(path.rpartition("/")[2]), "ORDER_NOT_EXIST")
        if asked.method == "POST" and path == "/v3/refund/domestic/refunds":
            return self._refund(sent)
        return self._found(self.refunds.get(path.rpartition("/")[2]), "RESOURCE_NOT_EXISTS")

    def _knows(self, asked: Asked) -> bool:
        found = _SHAPE.fullmatch(asked.headers.get("Authorization", ""))
        if found is None or (found[1], found[5]) != (MERCHANT, SERIAL):
            return False
        text = f"{asked.method}\n{asked.path}\n{found[4]}\n{found[2]}\n{asked.body}\n"
        return is_signed(key("merchant"), text, found[3])

    def _begin(self, kind: str, sent: dict[str, Any]) -> Reply:
        if sent["amount"]["total"] == 13:
            return self._says(400, {"code": "PARAM_ERROR", "message": "参数错误"})
        self.orders.setdefault(sent["out_trade_no"], {**sent, "trade_state": "NOTPAY", "kind": kind})
        answers = {
            "native": {"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"},
            "h5": {"h5_url": "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2026"},
        }
        return self._says(200, answers.get(kind, {"prepay_id": "wx26112611215250487459928b659bd466"}))

    def _close(self, number: str) -> Reply:
        order = self.orders.get(number)
        if order is None:
            return self._says(404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"})
        if order["trade_state"] == "SUCCESS":
            return self._says(400, {"code": "ORDERPAID", "message": "该订单已支付"})
        order["trade_state"] = "CLOSED"
        return self._says(204, None)

    def _refund(self, sent: dict[str, Any]) -> Reply:
        known = {**sent, "refund_id": "50000" + sent["out_refund_no"][:20], "status": self.refund_status}
        given = sum(one["amount"]["refund"] for one in self.refunds.values())
        if sent["out_refund_no"] not in self.refunds and given + sent["amount"]["refund"] > sent["amount"]["total"]:
            return self._says(403, {"code": "NOT_ENOUGH", "message": "基本账户余额不足"})
        return self._says(200, self.refunds.setdefault(sent["out_refund_no"], known))

    def _found(self, found: dict[str, Any] | None, otherwise: str) -> Reply:
        if found is None:
            return self._says(404, {"code": otherwise, "message": "不存在"})
        return self._says(200, found)

    def _says(self, status: int, said: dict[str, Any] | None) -> Reply:
        body = "" if said is None else json.dumps(said, ensure_ascii=False)
        headers = _headers(body)
        if self.fault == "unsigned":
            headers["Wechatpay-Signature"] = signature(key("nobody"), body)
        return Reply(status, body, headers)


def _headers(body: str, *, age: int = 0, by: str = "wechat", serial: str = KEY_ID) -> dict[str, str]:
    stamp, nonce = str(int(time.time()) - age), uuid4().hex
    return {
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature(key(by), f"{stamp}\n{nonce}\n{body}\n"),
    }


def notice(
    resource: dict[str, Any], kind: str = "TRANSACTION.SUCCESS", *, api_key: str = API_KEY, **signed: Any
) -> Sent:
    """A notice: its resource sealed by AES-256-GCM, the whole signed. `signed`: age, by, serial, id."""
    nonce, about = uuid4().hex[:12], "transaction"
    sealed = AESGCM(api_key.encode()).encrypt(nonce.encode(), json.dumps(resource).encode(), about.encode())
    body = json.dumps(
        {
            "id": signed.pop("id", None) or str(uuid4()),
            "create_time": "2026-11-23T10:00:00+08:00",
            "resource_type": "encrypt-resource",
            "event_type": kind,
            "summary": "支付成功",
            "resource": {
                "original_type": about,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": b64encode(sealed).decode(),
                "associated_data": about,
                "nonce": nonce,
            },
        }
    )
    return Sent({"Content-Type": "application/json", **_headers(body, **signed)}, body.encode())


def paid(number: str, amount: int, **other: Any) -> dict[str, Any]:
    """The resource of a notice that an order is paid."""
    return {
        "mchid": MERCHANT,
        "appid": APP_ID,
        "out_trade_no": number,
        "transaction_id": "42000" + number[:20],
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": "2026-11-23T10:00:00+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {"total": amount, "payer_total": amount, "currency": "CNY", "payer_currency": "CNY"},
        **other,
    }


def refunded(number: str, refund: str, amount: int, status: str = "SUCCESS") -> dict[str, Any]:
    """The resource of a notice about a refund."""
    return {
        "mchid": MERCHANT,
        "out_trade_no": number,
        "transaction_id": "42000" + number[:20],
        "out_refund_no": refund,
        "refund_id": "50000" + refund[:20],
        "refund_status": status,
        "success_time": "2026-11-23T10:00:00+08:00",
        "user_received_account": "招商银行信用卡0403",
        "amount": {"total": 9900, "refund": amount, "payer_total": 9900, "payer_refund": amount},
    }
