"""One row a door: who may open it, what they get, and how a request is made. A door without a row fails the test.

The rows of a room may stand in a file of their own, tests/security/doors_<room>.py, as its `ROWS`
(and `PAGES`): it is found.
"""

import importlib
import pkgutil
from typing import Any
from uuid import uuid4

import tests.security
from app.core.ids import new_id
from tests import make
from tests.make.order import signed
from tests.security import town as of
from tests.security.row import ANYONE, BUYER, MODERATOR, NOBODY, OPEN, OWN_BUYER, OWNER, PERSON, Row
from tests.security.town import Town, Values


def _buy_form(values: Values) -> dict[str, Any]:
    return {"id": str(new_id()), "sku_id": values["sku_id"], "quantity": "1"}


def missing(values: Values) -> Values:
    """The same request about a thing that does not exist."""
    return {name: str(uuid4()) if name.endswith("_id") else one for name, one in values.items()}


def _callback(values: Values) -> dict[str, Any]:
    event = '{"event_id": "%s", "payment_id": "%s", "outcome": "paid", "amount": 9900}'
    sent = signed((event % (uuid4().hex, values["payment_id"])).encode())
    return {"data": sent.body, "headers": sent.headers}


def _shown(values: Values) -> dict[str, Any]:
    return {"items": [make.shown(values["post_id"])]}


def _tags(values: Values) -> dict[str, Any]:
    return {"kind": "note", "title": "晚霞", "tags": [{"product_id": values["product_id"]}]}


def _in_shop(values: Values) -> dict[str, Any]:
    return {"shop_id": values["shop_id"], "title": "帆布包", "skus": [{"name": "白", "price": 5900, "stock": 3}]}


def _line(values: Values) -> dict[str, Any]:
    return {"lines": [{"sku_id": values["sku_id"], "quantity": 1}]}


def _open_post(town: Town, owner: Any) -> Values:
    return {"post_id": str(town.fame.id)}


POST, PRODUCT, SHOP = "/posts/<uuid:post_id>", "/products/<uuid:product_id>", "/shops/<uuid:shop_id>"
ROWS = [
    # people
    Row("POST", "/accounts", OPEN, 201, of.credentials, lambda v: {**v, "nickname": "新人"}),
    Row("POST", "/sessions", OPEN, 201, of.someone, lambda v: v),
    Row("POST", "/sessions/refresh", OPEN, 200, of.refresh_token, lambda v: v),
    Row("DELETE", "/sessions/current", PERSON, 204, ends_session=True),
    Row("GET", "/me", PERSON, 200),
    Row("PATCH", "/me", PERSON, 200, body=lambda v: {"nickname": "改名", "bio": "爱好摄影"}),
    Row("PATCH", "/me", OWNER, 200, of.upload, lambda v: {"avatar": v["upload_id"]}, foreign=422),
    Row("GET", "/people/<uuid:person_id>", ANYONE, 200, of.star),
    Row("GET", "/people/<uuid:person_id>/posts", ANYONE, 200, of.star),
    Row("PUT", "/people/<uuid:person_id>/follow", PERSON, 204, of.star),
    Row("DELETE", "/people/<uuid:person_id>/follow", PERSON, 204, of.star),
    Row("POST", "/uploads", PERSON, 201, named=lambda v: make.upload_form(make.picture_file())),
    # shops and goods
    Row("POST", "/shops", PERSON, 201, body=lambda v: {"name": f"店{uuid4().hex[:12]}"}),
    Row("GET", SHOP, OPEN, 200, of.shop),
    Row("GET", "/me/shops", PERSON, 200),
    Row("GET", f"{SHOP}/orders", OWNER, 200, of.shop),
    Row("GET", f"{SHOP}/products", ANYONE, 200, of.shop),
    Row("GET", "/categories", OPEN, 200),
    Row("GET", "/categories/<uuid:category_id>/products", OPEN, 200, of.category),
    Row("POST", "/products", OWNER, 201, of.shop, _in_shop),
    Row("GET", PRODUCT, OPEN, 200, of.goods),
    Row("GET", PRODUCT, OWNER, 200, of.draft_goods, guest=404, stranger=404),
    Row("GET", PRODUCT, OWNER, 200, of.goods_taken_down, guest=404, stranger=404),
    Row("PATCH", PRODUCT, OWNER, 200, of.own_goods, lambda v: {"title": "新标题"}),
    Row("PATCH", PRODUCT, OWNER, 200, of.draft_goods, lambda v: {"state": "on_sale"}),
    Row(
        "PATCH",
        PRODUCT,
        OWNER,
        422,
        lambda t, o: {**of.own_goods(t, o), **of.upload(t, t.as_("kol"))},
        lambda v: {"uploads": [v["upload_id"]]},
    ),
    Row("PATCH", "/skus/<uuid:sku_id>", OWNER, 200, of.own_goods, lambda v: {"price": 8800, "stock": 4}),
    Row("GET", f"{PRODUCT}/posts", ANYONE, 200, of.goods),
    Row("GET", f"{PRODUCT}/posts", NOBODY, 404, of.draft_goods),
    # posts
    Row("POST", "/posts", PERSON, 201, of.goods, _tags),
    Row("POST", "/posts", NOBODY, 422, of.draft_goods, _tags),
    Row("POST", "/posts", NOBODY, 422, of.goods_taken_down, _tags),
    Row(
        "POST",
        "/posts",
        OWNER,
        201,
        of.upload,
        lambda v: {"kind": "note", "title": "照", "uploads": [v["upload_id"]]},
        foreign=422,
    ),
    Row("GET", POST, ANYONE, 200, of.post),
    Row("GET", POST, OWNER, 200, of.private_post, guest=404, stranger=404),
    Row("GET", POST, OWNER, 200, of.post_taken_down, guest=404, stranger=404),
    Row("GET", POST, NOBODY, 404, of.post_deleted),
    Row("PATCH", POST, OWNER, 200, of.post, lambda v: {"title": "改过"}, foreign=403),
    Row("PATCH", POST, OWNER, 200, of.private_post, lambda v: {"title": "改过"}),
    Row("DELETE", POST, OWNER, 204, of.post, foreign=403),
    Row("DELETE", POST, OWNER, 204, of.private_post),
    Row("PUT", f"{POST}/like", PERSON, 204, of.post),
    Row("PUT", f"{POST}/like", OWNER, 204, of.private_post),
    Row("DELETE", f"{POST}/like", PERSON, 204, of.post),
    Row("PUT", f"{POST}/collect", PERSON, 204, of.post),
    Row("PUT", f"{POST}/collect", OWNER, 204, of.private_post),
    Row("DELETE", f"{POST}/collect", PERSON, 204, of.post),
    Row("GET", f"{POST}/comments", ANYONE, 200, of.post),
    Row("GET", f"{POST}/comments", OWNER, 200, of.private_post, guest=404, stranger=404),
    Row("POST", f"{POST}/comments", PERSON, 201, of.post, lambda v: {"body": "喜欢"}),
    Row("POST", f"{POST}/comments", OWNER, 201, of.private_post, lambda v: {"body": "喜欢"}),
    Row("DELETE", "/comments/<uuid:comment_id>", OWNER, 204, of.comment, foreign=403),
    Row("DELETE", "/comments/<uuid:comment_id>", OWNER, 204, of.comment_under_own_post, foreign=403),
    Row("POST", f"{POST}/reports", PERSON, 201, of.post, lambda v: {"reason": "广告"}),
    Row("POST", f"{POST}/reports", NOBODY, 404, of.private_post, lambda v: {"reason": "广告"}),
    Row("POST", f"{POST}/reports", NOBODY, 404, of.post_deleted, lambda v: {"reason": "广告"}),
    # feeds and search
    Row("POST", "/impressions", ANYONE, 202, _open_post, _shown),
    Row("GET", "/feed/explore", ANYONE, 200),
    Row("GET", "/feed/following", PERSON, 200),
    *(
        Row("GET", f"/search/{what}", ANYONE, 200, named=lambda v: {"query_string": {"q": "围巾"}})
        for what in ("posts", "products", "people", "suggest")
    ),
    # buying
    Row("GET", "/links/<code>", ANYONE, 200, of.link),
    Row("POST", "/links/<code>/checkout", ANYONE, 201, of.link, lambda v: {"sku_id": v["sku_id"]}),
    Row("POST", "/checkouts", ANYONE, 201, of.goods, _line),
    Row("POST", "/checkouts", NOBODY, 422, of.draft_goods, _line, stranger=422, guest=422),
    Row("POST", "/checkouts", NOBODY, 422, of.goods_taken_down, _line, stranger=422, guest=422),
    Row("GET", "/checkouts/<uuid:checkout_id>", OWN_BUYER, 200, of.checkout),
    Row("PATCH", "/checkouts/<uuid:checkout_id>", OWN_BUYER, 200, of.checkout, lambda v: {"note": "请包装好"}),
    Row("POST", "/checkouts/<uuid:checkout_id>/purchase", OWN_BUYER, 201, of.checkout, lambda v: {}),
    Row("GET", "/purchases/<uuid:purchase_id>", OWN_BUYER, 200, of.purchase),
    Row(
        "POST", "/purchases/<uuid:purchase_id>/payments", OWN_BUYER, 201, of.purchase, lambda v: {"gateway": "sandbox"}
    ),
    Row("POST", "/purchases/<uuid:purchase_id>/cancellation", OWN_BUYER, 201, of.purchase),
    Row("GET", "/orders/<uuid:order_id>", OWN_BUYER, 200, of.purchase),
    Row("GET", "/orders/<uuid:order_id>", OWNER, 200, of.sold_order, guest=404),
    Row("GET", "/me/orders", BUYER, 200),
    Row("POST", "/callbacks/sandbox", OPEN, 200, of.payment, named=_callback),
    Row(
        "POST", "/sandbox/payments/<uuid:payment_id>/outcome", OWN_BUYER, 200, of.payment, lambda v: {"outcome": "paid"}
    ),
    # moderators
    Row("GET", "/desk/reports", MODERATOR, 200),
    Row("POST", "/desk/reports/<uuid:report_id>/dismissal", MODERATOR, 204, of.report, lambda v: {}),
    Row("GET", "/desk/takedowns", MODERATOR, 200),
    Row(
        "POST",
        "/desk/takedowns",
        MODERATOR,
        201,
        of.post,
        lambda v: {"kind": "post", "id": v["post_id"], "reason": "违规"},
    ),
    Row(
        "POST",
        "/desk/takedowns",
        MODERATOR,
        201,
        of.own_goods,
        lambda v: {"kind": "product", "id": v["product_id"], "reason": "违规"},
    ),
    Row("DELETE", "/desk/takedowns/<uuid:takedown_id>", MODERATOR, 204, of.takedown),
]

# Doors of the browser. Nothing here looks at a bearer token; a visitor is who his cookie says.
PAGES = [
    Row("GET", "/", OPEN, 200),
    Row("GET", "/search", OPEN, 200),
    Row("GET", "/l/<code>", OPEN, 200, of.link),
    Row("POST", "/l/<code>/checkout", OPEN, 303, of.link, _buy_form),
    Row("POST", "/goods/<uuid:product_id>/checkout", OPEN, 303, of.goods, _buy_form),
    Row("GET", "/orders", OPEN, 303),
    Row("GET", "/me/orders", OPEN, 200),
    Row("GET", "/vouchers", OPEN, 200),
    Row("GET", "/codes", OPEN, 200),
    Row("GET", "/checkout/<uuid:checkout_id>", OWN_BUYER, 200, of.checkout),
    Row(
        "POST",
        "/checkout/<uuid:checkout_id>",
        OWN_BUYER,
        303,
        of.checkout,
        lambda v: {**make.ADDRESS, "note": "", "expected_total": "9900"},
    ),
    Row("GET", "/purchases/<uuid:purchase_id>", OWN_BUYER, 200, of.purchase),
    Row("POST", "/purchases/<uuid:purchase_id>/payments", OWN_BUYER, 303, of.purchase, lambda v: {}),
    Row("POST", "/purchases/<uuid:purchase_id>/cancellation", OWN_BUYER, 303, of.purchase, lambda v: {}),
    Row("GET", "/sandbox/pay/<uuid:payment_id>", OWN_BUYER, 200, of.payment),
    Row("POST", "/sandbox/pay/<uuid:payment_id>", OWN_BUYER, 303, of.payment, lambda v: {"outcome": "paid"}),
]
DOWNLOAD = "/downloads/<uuid:line_id>"
MEDIA = "/media/<uuid:upload_id>/<any(full,card,thumb):variant>.<any(jpg,webp):extension>"
FILES = [
    Row("GET", MEDIA, NOBODY, 404, of.upload),
    Row("GET", MEDIA, OPEN, 200, of.upload_on_show),
    Row("GET", "/exports/<uuid:export_id>", NOBODY, 404, lambda t, o: {"export_id": str(new_id())}),
    Row("GET", DOWNLOAD, NOBODY, 404, lambda t, o: {"line_id": str(new_id())}),
    Row("GET", "/p/<uuid:post_id>", OPEN, 200, of.post),
    Row("GET", "/p/<uuid:post_id>", NOBODY, 404, of.private_post),
    Row("GET", "/p/<uuid:post_id>", NOBODY, 404, of.post_taken_down),
    Row("GET", "/p/<uuid:post_id>", NOBODY, 404, of.post_deleted),
    Row("GET", "/goods/<uuid:product_id>", OPEN, 200, of.goods),
    Row("GET", "/goods/<uuid:product_id>", NOBODY, 404, of.draft_goods),
    Row("GET", "/goods/<uuid:product_id>", NOBODY, 404, of.goods_taken_down),
    Row("GET", "/docs", OPEN, 200),
    Row("GET", "/docs/ui/<path:name>", OPEN, 200, lambda t, o: {"name": "swagger-ui.css"}),
    Row("GET", "/static/<path:filename>", OPEN, 200, lambda t, o: {"filename": "shell.css"}),
    Row("GET", "/pages/bootstrap.css", OPEN, 200),
    Row("GET", "/openapi.json", OPEN, 200),
    Row("GET", "/healthz", OPEN, 200),
    Row("GET", "/metrics", OPEN, 200),
]
for _one in pkgutil.iter_modules(tests.security.__path__):
    if _one.name.startswith("doors_"):
        _more = importlib.import_module(f"tests.security.{_one.name}")
        ROWS += _more.ROWS
        PAGES += getattr(_more, "PAGES", [])
