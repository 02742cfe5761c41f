"""Doors of goods and of stock: categories, brands, warehouses, movements, alerts, prices, imports, codes, vouchers."""

from tests import make
from tests.security import town as of
from tests.security import town_catalogue as stock
from tests.security.row import BUYER, MODERATOR, OPEN, OWN_BUYER, OWNER, PERSON, Row

SHOP, SKU = "/shops/<uuid:shop_id>", "/skus/<uuid:sku_id>"
CATEGORY, GOODS = "/desk/categories/<uuid:category_id>", "/desk/goods/<uuid:product_id>"
BOOKING = "/me/vouchers/<uuid:voucher_id>/booking"
ASKED = {"attributes": [{"name": "颜色", "kind": "choice", "choices": ["红", "蓝"]}]}
ROWS = [
    Row("GET", "/categories/tree", OPEN, 200),
    Row("GET", "/categories/<uuid:category_id>", OPEN, 200, stock.category),
    Row("POST", "/desk/categories", MODERATOR, 201, stock.category, lambda v: {"name": v["name"], "position": 5}),
    Row("PATCH", CATEGORY, MODERATOR, 200, stock.category, lambda v: {"return_days": 15}),
    Row("POST", f"{CATEGORY}/merge", MODERATOR, 201, stock.category, lambda v: {"into_id": v["into_id"]}),
    Row("PUT", f"{CATEGORY}/attributes", MODERATOR, 200, stock.category, lambda v: ASKED),
    Row("GET", "/brands", OPEN, 200),
    Row("POST", "/desk/brands", MODERATOR, 201, stock.brand, lambda v: {"name": v["name"]}),
    Row("PATCH", "/desk/brands/<uuid:brand_id>", MODERATOR, 200, stock.brand, lambda v: {"name": v["name"]}),
    Row("GET", "/desk/goods", MODERATOR, 200),
    Row("POST", f"{GOODS}/approval", MODERATOR, 204, stock.waiting_goods, lambda v: {"seen": v["seen"]}),
    Row("POST", f"{GOODS}/refusal", MODERATOR, 204, stock.waiting_goods, lambda v: {**v, "reason": "图文不符"}),
    Row("GET", f"{SHOP}/alerts", OWNER, 200, stock.own_shop),
    Row("PUT", f"{SKU}/alert", PERSON, 204, stock.sold_out),
    Row("DELETE", f"{SKU}/alert", PERSON, 204, stock.sold_out),
    Row("GET", f"{SKU}/prices", OWNER, 200, of.own_goods),
    Row("GET", f"{SHOP}/warehouses", OWNER, 200, stock.own_shop),
    Row("GET", f"{SHOP}/pick-up-points", OPEN, 200, stock.own_shop),
    Row("POST", f"{SHOP}/warehouses", OWNER, 201, stock.own_shop, lambda v: stock.place()),
    Row("PATCH", f"{SHOP}/warehouses/<uuid:warehouse_id>", OWNER, 200, stock.warehouse, lambda v: {"is_default": True}),
    Row("POST", f"{SHOP}/transfers", OWNER, 201, stock.goods_in_warehouse, stock.transfer),
    Row("GET", f"{SKU}/movements", OWNER, 200, of.own_goods),
    Row("POST", f"{SKU}/movements", OWNER, 201, of.own_goods, lambda v: {"reason": "received", "units": 3}),
    Row("PUT", f"{SKU}/low-stock", OWNER, 204, of.own_goods, lambda v: {"low_at": 2}),
    Row("GET", f"{SKU}/codes", OWNER, 200, stock.virtual),
    Row("POST", f"{SKU}/codes", OWNER, 201, stock.virtual, lambda v: {"codes": ["A-1", "A-2"]}),
    Row("POST", f"{SKU}/file", OWNER, 204, stock.virtual, named=lambda v: make.upload_form(b"a book")),
    Row("GET", "/me/codes", BUYER, 200),
    Row("PUT", f"{SKU}/voucher-terms", OWNER, 200, stock.service, lambda v: {"days": 30}),
    Row("POST", f"{SKU}/slots", OWNER, 201, stock.service, lambda v: {"starts": [stock.tomorrow()], "capacity": 3}),
    Row("GET", f"{SKU}/slots", OPEN, 200, stock.service),
    Row("GET", "/me/vouchers", BUYER, 200),
    Row("PUT", BOOKING, OWN_BUYER, 200, stock.voucher, lambda v: {"slot_id": v["slot_id"]}),
    Row("DELETE", BOOKING, OWN_BUYER, 204, stock.voucher),
    Row("GET", f"{SHOP}/redemptions", OWNER, 200, stock.own_shop),
    Row("POST", f"{SHOP}/redemptions", OWNER, 201, stock.voucher, lambda v: {"code": v["code"]}),
    Row("DELETE", f"{SHOP}/redemptions/<uuid:redemption_id>", OWNER, 204, stock.redemption),
    Row("GET", f"{SHOP}/imports", OWNER, 200, stock.own_shop),
    Row("POST", f"{SHOP}/imports", OWNER, 201, stock.own_shop, named=lambda v: make.upload_form(stock.CSV, "a.csv")),
    Row("GET", f"{SHOP}/imports/<uuid:import_id>", OWNER, 200, stock.goods_import),
    Row("GET", f"{SHOP}/imports/<uuid:import_id>/errors", OWNER, 200, stock.goods_import),
    Row("POST", f"{SHOP}/exports", OWNER, 201, stock.own_shop),
    Row("GET", f"{SHOP}/exports/<uuid:export_id>", OWNER, 200, stock.goods_export),
]
