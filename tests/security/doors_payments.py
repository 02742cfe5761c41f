"""Rows of the doors of wallets, and of those that providers call: closed without settings, as if not there."""

from tests.security.row import OPEN, PERSON, Row

ROWS = [
    Row("POST", "/callbacks/alipay", OPEN, 404),
    Row("POST", "/callbacks/wechat", OPEN, 404),
    Row("GET", "/me/wallet", PERSON, 200),
    Row("GET", "/me/wallet/entries", PERSON, 200),
    Row("GET", "/me/wallet/withdrawals", PERSON, 200),
    Row("POST", "/me/wallet/top-ups", PERSON, 403, body=lambda v: {"amount": 100, "gateway": "sandbox"}),
    Row(
        "POST",
        "/me/wallet/withdrawals",
        PERSON,
        403,
        body=lambda v: {"amount": 100, "account": "6222020200000000", "holder": "王小明"},
    ),
]
