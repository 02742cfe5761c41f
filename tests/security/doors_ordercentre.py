"""Pages of orders as guests open them, and the door of invoices that are asked for afterwards."""

from app.core.ids import new_id
from tests import make
from tests.client import Client
from tests.security import orders as of
from tests.security import town as things
from tests.security.row import NOBODY, OWN_BUYER, Row
from tests.security.town import Town, Values
from tests.security.town_catalogue import voucher

ORDER, CASE, PACKAGE = "/orders/<uuid:order_id>", "/aftersales/<uuid:case_id>", "/packages/<uuid:package_id>"
VOUCHER = "/vouchers/<uuid:voucher_id>/booking"
INVOICE = {"kind": "personal", "title": "林小满", "email": "lin@example.com"}


def units(values: Values) -> dict[str, str]:
    return {"id": str(new_id()), f"units-{values['line_id']}": "1"}


def wish(values: Values) -> dict[str, str]:
    return {**units(values), "kind": "refund", "reason": "damaged"}


def paid_line(town: Town, owner: Client) -> Values:
    """A paid order of the owner's, and its line."""
    made = of.paid_order(town, owner)
    seen = things.done(owner.get(f"/orders/{made['order_id']}"), 200)
    return {**made, "line_id": seen["lines"][0]["id"]}


def pay_page(town: Town, owner: Client) -> Values:
    """A payment whose page opens for whoever has its address: who has only the number finds nothing."""
    return things.payment(town, owner)


ROWS = [Row("POST", f"{ORDER}/invoice", OWN_BUYER, 201, of.paid_order, lambda v: INVOICE)]
PAGES = [
    Row("GET", ORDER, OWN_BUYER, 200, of.paid_order),
    Row("GET", f"{ORDER}/cancellation", OWN_BUYER, 200, of.paid_order),
    Row("POST", f"{ORDER}/cancellation", OWN_BUYER, 303, paid_line, units),
    Row("GET", f"{ORDER}/address", OWN_BUYER, 200, of.paid_order),
    Row("POST", f"{ORDER}/address", OWN_BUYER, 303, of.paid_order, lambda v: make.ADDRESS),
    Row("POST", f"{ORDER}/receipt", OWN_BUYER, 303, of.sent_order, lambda v: {}),
    Row("POST", f"{PACKAGE}/extension", OWN_BUYER, 303, of.sent_order, lambda v: {}),
    Row("GET", f"{ORDER}/invoice", OWN_BUYER, 200, of.paid_order),
    Row("POST", f"{ORDER}/invoice", OWN_BUYER, 303, of.paid_order, lambda v: INVOICE),
    Row("GET", f"{ORDER}/aftersales/new", OWN_BUYER, 200, of.received_order),
    Row("POST", f"{ORDER}/aftersales", OWN_BUYER, 303, of.received_order, wish),
    Row("GET", CASE, OWN_BUYER, 200, of.own_case),
    Row("POST", f"{CASE}/withdrawal", OWN_BUYER, 303, of.own_case, lambda v: {}),
    Row("POST", f"{CASE}/parcel", OWN_BUYER, 303, of.agreed_case, lambda v: {"carrier": "sandbox", "number": "SB1"}),
    Row("POST", f"{CASE}/appeal", OWN_BUYER, 303, of.refused_case, lambda v: {"words": "没有使用"}),
    Row("GET", VOUCHER, OWN_BUYER, 200, voucher),
    Row("POST", VOUCHER, OWN_BUYER, 303, voucher, lambda v: {"slot_id": v["slot_id"]}),
    Row("GET", "/payments/<uuid:payment_id>", NOBODY, 404, pay_page),
]
