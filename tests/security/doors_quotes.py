"""Rows of the doors that have to do with prices: addresses, carts, freight, promotions, coupons, placing, invoices."""

from tests import make
from tests.security import quotes as of
from tests.security import town as things
from tests.security.row import ADMIN, ANYONE, BUYER, OPEN, OWN_BUYER, OWNER, PERSON, Row

SHOP = "/shops/<uuid:shop_id>"
ADDRESS, LINE = "/me/addresses/<uuid:address_id>", "/cart/lines/<uuid:line_id>"
FREIGHT = f"{SHOP}/freight/<uuid:template_id>"
PROMOTION, DESK_PROMOTION = f"{SHOP}/promotions/<uuid:promotion_id>", "/desk/promotions/<uuid:promotion_id>"
COUPONS, DESK_COUPONS = f"{SHOP}/coupons/<uuid:batch_id>", "/desk/coupons/<uuid:batch_id>"
TEMPLATE = {"name": "偏远", "unit": "weight", "rules": of.RULES}


def _bought(values: things.Values) -> dict[str, object]:
    return {"address": make.ADDRESS, "pay": False}


ROWS = [
    # what a person keeps
    Row("GET", "/me/addresses", PERSON, 200),
    Row("POST", "/me/addresses", OWNER, 201, of.address, lambda v: make.ADDRESS, foreign=201),
    Row("PATCH", ADDRESS, OWNER, 200, of.address, lambda v: {"city": "宁波市"}),
    Row("DELETE", ADDRESS, OWNER, 204, of.address),
    Row("GET", "/me/payment-method", PERSON, 200),
    Row("PUT", "/me/payment-method", PERSON, 204, body=lambda v: {"gateway": "sandbox"}),
    Row("GET", "/me/coupons", PERSON, 200),
    Row("POST", "/me/guest", PERSON, 204, of.guest_token, lambda v: v),
    # carts
    Row("GET", "/cart/lines", BUYER, 200),
    Row("POST", "/cart/lines", ANYONE, 201, of.for_the_cart, lambda v: {"sku_id": v["sku_id"], "quantity": 2}),
    Row(
        "PATCH", "/cart/lines", OWN_BUYER, 200, of.cart_line, lambda v: {"lines": [{"id": v["line_id"], "quantity": 3}]}
    ),
    Row("DELETE", "/cart/lines", BUYER, 204),
    Row("PATCH", LINE, OWN_BUYER, 200, of.cart_line, lambda v: {"quantity": 3, "is_ticked": False}),
    Row("DELETE", LINE, BUYER, 204, of.cart_line),
    # placing
    Row("GET", "/checkouts/<uuid:checkout_id>/coupons", OWN_BUYER, 200, things.checkout),
    Row("POST", "/skus/<uuid:sku_id>/purchase", BUYER, 201, of.to_buy, _bought),
    Row("POST", "/links/<code>/purchase", BUYER, 201, of.to_buy, lambda v: {**_bought(v), "sku_id": v["sku_id"]}),
    Row("GET", "/o/<token>", OPEN, 200, of.open_page),
    Row("GET", "/orders/<uuid:order_id>/invoice", OWN_BUYER, 200, of.invoiced),
    Row("GET", "/orders/<uuid:order_id>/invoice", OWNER, 200, of.sold_with_invoice, guest=404),
    Row("PUT", "/orders/<uuid:order_id>/invoice", OWNER, 200, of.sold_with_invoice, lambda v: {"number": "044001"}),
    # coupons for everybody
    Row("GET", "/coupons", ANYONE, 200),
    Row("POST", "/coupons/<uuid:batch_id>/claim", PERSON, 201, of.coupons),
    # a shop's
    Row("GET", f"{SHOP}/invoices", OWNER, 200, things.shop),
    Row("GET", f"{SHOP}/freight", OWNER, 200, of.freight),
    Row("POST", f"{SHOP}/freight", OWNER, 201, of.freight, lambda v: TEMPLATE),
    Row("PATCH", FREIGHT, OWNER, 200, of.freight, lambda v: {"name": "改名"}),
    Row("DELETE", FREIGHT, OWNER, 204, of.freight),
    Row("PUT", f"{FREIGHT}/products", OWNER, 204, of.freight, lambda v: {"products": [v["product"]]}),
    Row("GET", f"{SHOP}/promotions", OWNER, 200, things.shop),
    Row("POST", f"{SHOP}/promotions", OWNER, 201, things.shop, lambda v: of.rule()),
    Row("GET", PROMOTION, OWNER, 200, of.promotion),
    Row("PATCH", PROMOTION, OWNER, 200, of.promotion, lambda v: {"budget": 50_000, "state": "running"}),
    Row("GET", f"{SHOP}/coupons", OWNER, 200, things.shop),
    Row("POST", f"{SHOP}/coupons", OWNER, 201, things.shop, lambda v: of.batch()),
    Row("PATCH", COUPONS, OWNER, 200, of.coupons, lambda v: {"state": "paused"}),
    Row("POST", f"{COUPONS}/gifts", OWNER, 201, of.coupons, lambda v: {"people": [v["person"]]}),
    Row("POST", f"{COUPONS}/codes", OWNER, 201, of.coupons, lambda v: {"count": 2}),
    # the platform's
    Row("GET", "/desk/promotions", ADMIN, 200),
    Row("POST", "/desk/promotions", ADMIN, 201, body=lambda v: of.rule()),
    Row("GET", DESK_PROMOTION, ADMIN, 200, of.platform_promotion),
    Row("PATCH", DESK_PROMOTION, ADMIN, 200, of.platform_promotion, lambda v: {"state": "ended"}),
    Row("GET", "/desk/coupons", ADMIN, 200),
    Row("POST", "/desk/coupons", ADMIN, 201, body=lambda v: of.batch("platform_reduction")),
    Row("PATCH", DESK_COUPONS, ADMIN, 200, of.platform_coupons, lambda v: {"state": "paused"}),
    Row("POST", f"{DESK_COUPONS}/gifts", ADMIN, 201, of.platform_coupons, lambda v: {"people": [v["person"]]}),
    Row("POST", f"{DESK_COUPONS}/codes", ADMIN, 201, of.platform_coupons, lambda v: {"count": 2}),
]
CHECKOUT = "/checkout/<uuid:checkout_id>"
PAGES = [
    Row("POST", f"{CHECKOUT}/address", OWN_BUYER, 303, things.checkout, lambda v: {**make.ADDRESS, "note": ""}),
    Row("POST", f"{CHECKOUT}/offers", OWN_BUYER, 303, things.checkout, lambda v: {"code": ""}),
    Row("POST", f"{CHECKOUT}/pick-ups", OWN_BUYER, 303, things.checkout, lambda v: {"code": ""}),
]
