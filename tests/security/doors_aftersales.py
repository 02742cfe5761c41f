"""Rows of the doors of after-sales."""

from tests.security import orders as of
from tests.security.row import BUYER, MODERATOR, OWN_BUYER, OWNER, Row
from tests.security.town import Values, shop

CASE, DESK = "/aftersales/<uuid:case_id>", "/desk/aftersales"
PARCEL = {"carrier": "sandbox", "number": "SB1"}


def _wish(values: Values) -> dict[str, object]:
    return {"kind": "return", "reason": "damaged", "lines": [{"line_id": values["line_id"], "units": 1}]}


ROWS = [
    Row("POST", "/orders/<uuid:order_id>/aftersales", OWN_BUYER, 201, of.received_order, _wish),
    Row("GET", "/orders/<uuid:order_id>/aftersales", OWN_BUYER, 200, of.own_case),
    Row("GET", "/orders/<uuid:order_id>/aftersales", OWNER, 200, of.case_at_own_shop, guest=404),
    Row("GET", CASE, OWN_BUYER, 200, of.own_case),
    Row("GET", CASE, OWNER, 200, of.case_at_own_shop, guest=404),
    Row("POST", f"{CASE}/withdrawal", OWN_BUYER, 201, of.own_case),
    Row("POST", f"{CASE}/approval", OWNER, 201, of.case_at_own_shop, lambda v: {}),
    Row("POST", f"{CASE}/refusal", OWNER, 201, of.case_at_own_shop, lambda v: {"words": "已使用"}),
    Row("POST", f"{CASE}/parcel", OWN_BUYER, 201, of.agreed_case, lambda v: PARCEL),
    Row("POST", f"{CASE}/arrival", OWNER, 201, of.case_sent_back, lambda v: {"is_sellable": True}),
    Row("POST", f"{CASE}/appeal", OWN_BUYER, 201, of.refused_case, lambda v: {"words": "没有使用"}),
    Row("GET", "/me/aftersales", BUYER, 200),
    Row("GET", "/shops/<uuid:shop_id>/aftersales", OWNER, 200, shop),
    Row("GET", "/shops/<uuid:shop_id>/return-policy", OWNER, 200, shop),
    Row(
        "PUT",
        "/shops/<uuid:shop_id>/return-policy",
        OWNER,
        200,
        shop,
        lambda v: {"address": "杭州", "is_insured": False},
    ),
    Row("GET", DESK, MODERATOR, 200),
    Row(
        "POST",
        f"{DESK}/<uuid:case_id>/decision",
        MODERATOR,
        201,
        of.disputed_case,
        lambda v: {"outcome": "rejected", "words": "证据不足"},
    ),
]
