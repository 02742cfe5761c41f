"""Rows of the doors of payments that providers call: closed without settings, as if they were not there."""

from tests.security.row import OPEN, Row

PAYMENT_ROWS = [
    Row("POST", "/callbacks/alipay", OPEN, 404),
    Row("POST", "/callbacks/wechat", OPEN, 404),
]
