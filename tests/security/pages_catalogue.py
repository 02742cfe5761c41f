"""Pages of goods: of moderators, and of merchants."""

from tests.security.pages import MODERATOR, OWNER, PageRow
from tests.security.town_catalogue import (
    category,
    goods,
    goods_import,
    own_shop,
    redemption,
    service,
    virtual,
    voucher,
    waiting_goods,
    warehouse,
)

CATEGORY, WAITING = "/admin/categories/<uuid:category_id>", "/admin/goods/<uuid:product_id>"
SHOP = "/portal/shops/<uuid:shop_id>"
COUNTER = f"{SHOP}/counter"
PRODUCT, SKU = "/portal/products/<uuid:product_id>", "/portal/skus/<uuid:sku_id>"
PLACE = {"province": "浙江", "city": "杭州", "street": "文三路 1 号"}
VARIANT = {"name": "默认", "price": "1.00", "stock": "9", "seen": "9", "state": "on_sale"}
RULES = {"position": "3", "return_days": "7", "goods_kind": "", "parent_id": ""}

ROWS = [
    PageRow("GET", "/admin/categories", MODERATOR),
    PageRow("POST", "/admin/categories", MODERATOR, 303, category, lambda v: {"name": v["name"], "parent_id": ""}),
    PageRow("GET", CATEGORY, MODERATOR, own=category),
    PageRow("POST", CATEGORY, MODERATOR, 303, category, lambda v: {"name": v["name"], **RULES}),
    PageRow("POST", f"{CATEGORY}/merge", MODERATOR, 303, category, lambda v: {"into_id": v["into_id"]}),
    PageRow("POST", f"{CATEGORY}/attributes", MODERATOR, 303, category, lambda v: {"name": "材质", "kind": "text"}),
    PageRow("POST", f"{CATEGORY}/attributes/removal", MODERATOR, 303, category, lambda v: {"name": "材质"}),
    PageRow("GET", "/admin/goods", MODERATOR),
    PageRow("POST", f"{WAITING}/approval", MODERATOR, 303, waiting_goods, lambda v: {"seen": v["seen"]}),
    PageRow("POST", f"{WAITING}/refusal", MODERATOR, 303, waiting_goods, lambda v: {**v, "reason": "图文不符"}),
    PageRow("GET", COUNTER, OWNER, own=voucher),
    PageRow("POST", COUNTER, OWNER, 303, voucher, lambda v: {"code": v["code"]}),
    PageRow("POST", f"{COUNTER}/<uuid:redemption_id>/undoing", OWNER, 303, redemption),
    PageRow("GET", f"{SHOP}/imports", OWNER, own=own_shop),
    PageRow("POST", f"{SHOP}/imports", OWNER, (303, 422), own_shop),
    PageRow("GET", f"{SHOP}/imports/<uuid:import_id>", OWNER, own=goods_import),
    PageRow("POST", f"{SHOP}/exports", OWNER, 303, own_shop),
    PageRow("GET", f"{SHOP}/stock", OWNER, own=own_shop),
    PageRow("POST", f"{SHOP}/warehouses", OWNER, 303, own_shop, lambda v: {"name": "杭州仓", **PLACE}),
    PageRow("POST", f"{SHOP}/warehouses/<uuid:warehouse_id>", OWNER, 303, warehouse, lambda v: {"do": "default"}),
    PageRow("GET", f"{SHOP}/table", OWNER, own=own_shop),
    PageRow("POST", f"{SHOP}/table", OWNER, (200, 303), own_shop),
    PageRow("POST", f"{SHOP}/table/states", OWNER, (200, 303), own_shop, lambda v: {"state": "off"}),
    PageRow("GET", f"{PRODUCT}/edit", OWNER, own=goods),
    PageRow("POST", f"{PRODUCT}/edit", OWNER, 303, goods, lambda v: {"title": "新标题", "goods_kind": "physical"}),
    PageRow("GET", SKU, OWNER, own=goods),
    PageRow("POST", f"{SKU}/edit", OWNER, 303, goods, lambda v: VARIANT),
    PageRow("POST", f"{SKU}/movements", OWNER, 303, goods, lambda v: {"reason": "received", "units": "3"}),
    PageRow("GET", f"{SKU}/codes", OWNER, own=virtual),
    PageRow("POST", f"{SKU}/codes", OWNER, 303, virtual, lambda v: {"codes": "A-1\nA-2"}),
    PageRow("POST", f"{SKU}/file", OWNER, (303, 422), virtual),
    PageRow("GET", f"{SKU}/terms", OWNER, own=service),
    PageRow("POST", f"{SKU}/terms", OWNER, 303, service, lambda v: {"days": "30", "weekday-7": "1"}),
    PageRow("POST", f"{SKU}/slots", OWNER, 303, service, lambda v: {"starts_at": "2027-01-01T10:00", "capacity": "3"}),
]
