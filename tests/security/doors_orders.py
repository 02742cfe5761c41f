"""Rows of the doors of orders and of what becomes of them."""

from tests import make
from tests.security import orders as of
from tests.security.row import OWN_BUYER, OWNER, Row

ORDER = "/orders/<uuid:order_id>"
ORDER_ROWS = [
    Row("PUT", f"{ORDER}/address", OWN_BUYER, 200, of.paid_order, lambda v: make.ADDRESS),
    Row("POST", f"{ORDER}/cancellation", OWN_BUYER, 201, of.paid_order, lambda v: {"reason": "不想要了"}),
    Row("POST", f"{ORDER}/cancellation", OWNER, 201, of.sold_and_paid, lambda v: {"reason": "缺货"}, guest=404),
]
