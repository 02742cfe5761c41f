"""Pages of goods: of moderators, and of merchants."""

from tests.security.pages import MODERATOR, OWNER, PageRow
from tests.security.town_catalogue import category, goods_import, own_shop, redemption, voucher, waiting_goods

CATEGORY, WAITING = "/admin/categories/<uuid:category_id>", "/admin/goods/<uuid:product_id>"
SHOP = "/portal/shops/<uuid:shop_id>"
COUNTER = f"{SHOP}/counter"
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
]
