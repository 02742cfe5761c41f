"""One row for each page and action of the creator portal: what stands there, and for whom it opens."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.community.tags.queries import tags_of
from tests import make
from tests.make import order as bought

Values = dict[str, str]
Fields = Callable[[Values], dict[str, str]]


def nothing(_: make.MadePerson) -> Values:
    return {}


def goods(_: make.MadePerson) -> Values:
    return {"product_id": str(make.product().id)}


def post(owner: make.MadePerson) -> Values:
    """A public post: everybody may read it, and only its author may change it."""
    pictures = [make.upload(owner), make.upload(owner)]
    made = make.post(owner, [make.product()], uploads=pictures)
    tag = tags_of([made.id])[made.id][0]
    return {**goods(owner), "post_id": str(made.id), "upload_id": str(pictures[1]), "tag_id": str(tag.id)}


def shop(owner: make.MadePerson) -> Values:
    return {"shop_id": str(make.shop(owner).id)}


def product(owner: make.MadePerson) -> Values:
    made = make.product(make.shop(owner))
    return {"product_id": str(made.id), "sku_id": str(made.sku_id)}


def order(owner: make.MadePerson) -> Values:
    made = bought.purchase([bought.line(bought.sku(), shop_id=make.shop(owner).id)])
    return {"order_id": str(made.placed.orders[0].id)}


@dataclass(frozen=True)
class Row:
    """`status`: what the owner gets. `foreign`: what somebody else gets, who has none of it."""

    method: str
    rule: str
    own: Callable[[make.MadePerson], Values] = nothing
    status: int = 200
    foreign: int = 404
    fields: Fields = lambda values: {}

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"

    def path(self, values: Values) -> str:
        return re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda found: values[found[1]], self.rule)


POST, SHOP = "/portal/posts/<uuid:post_id>", "/portal/shops/<uuid:shop_id>"
PICTURE = f"{POST}/pictures/<uuid:upload_id>"
ROWS = [
    Row("GET", "/portal/posts", foreign=200),
    Row("GET", "/portal/posts/new", foreign=200),
    Row("POST", "/portal/posts", nothing, 303, 303, lambda v: {"title": "你好"}),
    Row("GET", POST, post),
    Row("GET", f"{POST}/words", post),
    Row("POST", f"{POST}/words", post, 303, fields=lambda v: {"title": "改了"}),
    Row("POST", f"{POST}/visibility", post, 303, fields=lambda v: {"visibility": "private"}),
    Row("GET", f"{POST}/pictures", post),
    Row("POST", f"{POST}/pictures", post, 303),
    Row("POST", f"{PICTURE}/removal", post, 303),
    Row("POST", f"{PICTURE}/cover", post, 303),
    Row("GET", f"{POST}/tags/new", post),
    Row("POST", f"{POST}/tags", post, 303, fields=lambda v: {"product_id": v["product_id"]}),
    Row("POST", f"{POST}/tags/<uuid:tag_id>/removal", post, 303),
    Row("GET", f"{POST}/deletion", post),
    Row("POST", f"{POST}/deletion", post, 303),
    Row("GET", "/portal/shops", foreign=200),
    Row("POST", "/portal/shops", nothing, 303, 303, lambda v: {"name": "小店"}),
    Row("GET", SHOP, shop),
    Row("GET", f"{SHOP}/orders", shop),
    Row("GET", "/portal/orders/<uuid:order_id>", order),
    Row("GET", "/portal/products/<uuid:product_id>", product),
    Row("POST", "/portal/products/<uuid:product_id>/state", product, 303, fields=lambda v: {"state": "off"}),
    Row(
        "POST",
        "/portal/skus/<uuid:sku_id>",
        product,
        303,
        fields=lambda v: {"price": "5", "stock": "10", "seen": "10"},
    ),
]
