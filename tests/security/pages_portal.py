"""Pages of the creator portal."""

from typing import Any

from app.community.tags.queries import tags_of
from app.core.ids import new_id
from tests import make
from tests.make import order as bought
from tests.security.pages import OWNER, PERSON, PageRow
from tests.security.town import Town, Values

POST, SHOP = "/portal/posts/<uuid:post_id>", "/portal/shops/<uuid:shop_id>"
GOODS = "/portal/products/<uuid:product_id>"
PICTURE = f"{POST}/pictures/<uuid:upload_id>"


def post(town: Town, owner: Any) -> Values:
    """A public post: everybody may read it, and only its author may change it."""
    pictures = [make.upload(town.owner), make.upload(town.owner)]
    made = make.post(town.owner, [make.product()], uploads=pictures)
    tag = tags_of([made.id])[made.id][0]
    goods = str(make.product().id)
    return {"product_id": goods, "post_id": str(made.id), "upload_id": str(pictures[1]), "tag_id": str(tag.id)}


def shop(town: Town, owner: Any) -> Values:
    return {"shop_id": str(make.shop(town.owner).id)}


def product(town: Town, owner: Any) -> Values:
    made = make.product(make.shop(town.owner))
    return {"product_id": str(made.id), "sku_id": str(made.sku_id)}


def order(town: Town, owner: Any) -> Values:
    made = bought.purchase([bought.line(bought.sku(), shop_id=make.shop(town.owner).id)])
    return {"order_id": str(made.placed.orders[0].id)}


def goods_form(values: Values) -> dict[str, str]:
    return {"id": str(new_id()), "title": "茶壶", "price": "5", "stock": "1"}


ROWS = [
    PageRow("GET", "/portal/posts", PERSON),
    PageRow("GET", "/portal/posts/new", PERSON),
    PageRow("POST", "/portal/posts", PERSON, 303, form=lambda v: {"id": str(new_id()), "title": "你好"}),
    PageRow("GET", POST, OWNER, own=post),
    PageRow("GET", f"{POST}/clicks", OWNER, own=post),
    PageRow("GET", f"{POST}/views", OWNER, own=post),
    PageRow("GET", f"{POST}/words", OWNER, own=post),
    PageRow("POST", f"{POST}/words", OWNER, 303, post, lambda v: {"title": "改了"}),
    PageRow("POST", f"{POST}/visibility", OWNER, 303, post, lambda v: {"visibility": "private"}),
    PageRow("GET", f"{POST}/pictures", OWNER, own=post),
    PageRow("POST", f"{POST}/pictures", OWNER, 303, post),
    PageRow("POST", f"{PICTURE}/removal", OWNER, 303, post),
    PageRow("POST", f"{PICTURE}/cover", OWNER, 303, post),
    PageRow("GET", f"{POST}/tags/new", OWNER, own=post),
    PageRow("POST", f"{POST}/tags", OWNER, 303, post, lambda v: {"product_id": v["product_id"]}),
    PageRow("POST", f"{POST}/tags/<uuid:tag_id>/removal", OWNER, 303, post),
    PageRow("GET", f"{POST}/deletion", OWNER, own=post),
    PageRow("POST", f"{POST}/deletion", OWNER, 303, post),
    PageRow("GET", "/portal/shops", PERSON),
    PageRow("POST", "/portal/shops", PERSON, 303, form=lambda v: {"id": str(new_id()), "name": "小店"}),
    PageRow("GET", SHOP, OWNER, own=shop),
    PageRow("GET", f"{SHOP}/goods/new", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/goods", OWNER, 303, shop, goods_form),
    PageRow("GET", f"{GOODS}/skus/new", OWNER, own=product),
    PageRow("POST", f"{GOODS}/skus", OWNER, 303, product, lambda v: {"name": "大号", "price": "5", "stock": "1"}),
    PageRow("GET", f"{SHOP}/orders", OWNER, own=shop),
    PageRow("GET", "/portal/orders/<uuid:order_id>", OWNER, own=order),
    PageRow("GET", GOODS, OWNER, own=product),
    PageRow("POST", f"{GOODS}/state", OWNER, 303, product, lambda v: {"state": "off"}),
    PageRow(
        "POST", "/portal/skus/<uuid:sku_id>", OWNER, 303, product, lambda v: {"price": "5", "stock": "1", "seen": "10"}
    ),
]
