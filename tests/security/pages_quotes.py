"""Pages of promotions, coupons, freight and invoices, of shops and of the platform."""

from typing import Any

from app.core.ids import new_id
from tests.security import quotes as of
from tests.security import town as things
from tests.security.pages import ADMIN, OWNER, PageRow
from tests.security.town import Values

SHOP = "/portal/shops/<uuid:shop_id>"
FREIGHT = f"{SHOP}/freight/<uuid:template_id>"


def _form(kind: str, **more: str) -> dict[str, str]:
    window = {"starts_at": "2026-11-01T00:00", "ends_at": "2036-11-01T00:00", "min_spend": "99999999"}
    return {"id": str(new_id()), "kind": kind, "name": "活动", "off": "10", **window, **more}


def _coupons(kind: str) -> dict[str, str]:
    return _form(kind, above_1="99999", off_1="1", quantity="9", per_person="1")


def _freight(values: Values) -> dict[str, str]:
    return {"name": "全国", "unit": "piece", "first_price-0": "8"}


def _running(values: Values) -> dict[str, str]:
    return {"state": "running"}


def _ended(values: Values) -> dict[str, str]:
    return {"state": "ended"}


def shop(town: Any, owner: Any) -> Values:
    return things.shop(town, owner)


ROWS = [
    PageRow("GET", f"{SHOP}/promotions", OWNER, own=shop),
    PageRow("GET", f"{SHOP}/promotions/new", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/promotions", OWNER, 303, shop, lambda v: _form("percentage")),
    PageRow("POST", f"{SHOP}/promotions/<uuid:promotion_id>/state", OWNER, 303, of.promotion, _running),
    PageRow("GET", f"{SHOP}/coupons", OWNER, own=shop),
    PageRow("GET", f"{SHOP}/coupons/new", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/coupons", OWNER, 303, shop, lambda v: _coupons("shop_reduction")),
    PageRow("POST", f"{SHOP}/coupons/<uuid:batch_id>/state", OWNER, 303, of.coupons, _ended),
    PageRow("GET", f"{SHOP}/freight", OWNER, own=of.freight),
    PageRow("GET", f"{SHOP}/freight/new", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/freight", OWNER, 303, of.freight, _freight),
    PageRow("GET", FREIGHT, OWNER, own=of.freight),
    PageRow("POST", FREIGHT, OWNER, 303, of.freight, _freight),
    PageRow("POST", f"{FREIGHT}/default", OWNER, 303, of.freight),
    PageRow("POST", f"{FREIGHT}/removal", OWNER, 303, of.freight),
    PageRow("GET", f"{SHOP}/invoices", OWNER, own=shop),
    PageRow(
        "POST",
        "/portal/orders/<uuid:order_id>/invoice",
        OWNER,
        303,
        of.sold_with_invoice,
        lambda v: {"number": "044001", "file_url": ""},
    ),
    PageRow("GET", "/admin/promotions", ADMIN),
    PageRow("GET", "/admin/promotions/new", ADMIN),
    PageRow("POST", "/admin/promotions", ADMIN, 303, form=lambda v: _form("percentage")),
    PageRow("POST", "/admin/promotions/<uuid:promotion_id>/state", ADMIN, 303, of.platform_promotion, _ended),
    PageRow("GET", "/admin/coupons", ADMIN),
    PageRow("GET", "/admin/coupons/new", ADMIN),
    PageRow("POST", "/admin/coupons", ADMIN, 303, form=lambda v: _coupons("platform_reduction")),
    PageRow("POST", "/admin/coupons/<uuid:batch_id>/state", ADMIN, 303, of.platform_coupons, _ended),
]
