"""Rows of the doors of orders and of what becomes of them."""

from typing import Any

from app.store.delivery.carriers.sandbox import signed_track
from tests import make
from tests.security import orders as of
from tests.security.row import OPEN, OWN_BUYER, OWNER, PERSON, Row
from tests.security.town import Values, shop

ORDER = "/orders/<uuid:order_id>"
PARCEL = {"carrier": "sandbox", "number": "SB1"}


def _track(values: Values) -> dict[str, Any]:
    headers, body = signed_track(values["number"], "moving")
    return {"data": body, "headers": headers}


ROWS = [
    Row("PUT", f"{ORDER}/address", OWN_BUYER, 200, of.paid_order, lambda v: make.ADDRESS),
    Row("POST", f"{ORDER}/cancellation", OWN_BUYER, 201, of.paid_order, lambda v: {"reason": "不想要了"}),
    Row("POST", f"{ORDER}/cancellation", OWNER, 201, of.sold_and_paid, lambda v: {"reason": "缺货"}, guest=404),
    Row("GET", "/carriers", OPEN, 200),
    Row("GET", f"{ORDER}/packages", OWN_BUYER, 200, of.sent_order),
    Row("GET", f"{ORDER}/packages", OWNER, 200, of.sold_and_paid, guest=404),
    Row("POST", f"{ORDER}/packages", OWNER, 201, of.sold_and_paid, lambda v: PARCEL),
    Row("POST", f"{ORDER}/receipt", OWN_BUYER, 201, of.sent_order),
    Row("PUT", "/packages/<uuid:package_id>/extension", OWN_BUYER, 200, of.sent_order),
    Row("GET", "/shops/<uuid:shop_id>/parcels", OWNER, 200, shop),
    Row(
        "POST",
        "/parcels",
        PERSON,
        200,
        of.sold_and_paid,
        lambda v: {"parcels": [{**PARCEL, "order_id": v["order_id"]}]},
    ),
    Row("POST", "/shops/<uuid:shop_id>/pick-ups", OWNER, 201, of.waits_at_the_counter, lambda v: {"code": v["code"]}),
    Row("POST", "/callbacks/carriers/<name>", OPEN, 200, of.told_parcel, named=_track),
    Row(
        "POST",
        "/sandbox/packages/<uuid:package_id>/tracks",
        OWNER,
        200,
        of.sent_from_own_shop,
        lambda v: {"state": "moving"},
    ),
]
