"""Doors of payments that providers call: closed without settings, as if they were not there."""

from tests.security.doors import NOBODY, Row

ROWS = [
    Row("POST", "/callbacks/alipay", NOBODY, 404, stranger=404, guest=404),
    Row("POST", "/callbacks/wechat", NOBODY, 404, stranger=404, guest=404),
]
