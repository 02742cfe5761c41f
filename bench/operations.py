"""What is measured: the doors, as they are declared in the application. A ceiling answers at the same paths."""

from dataclasses import dataclass

from marshmallow import Schema

from app.buying.carts.schemas import CartLineIn
from app.buying.checkout.schemas import CheckoutChangeIn, LinkCheckoutIn
from app.buying.placing.schemas import BuyNowIn, PurchaseIn
from app.core.fields import PageQuery
from app.core.http.door import ANYONE, BUYER, PERSON
from app.discover.finder.schemas import SearchQuery
from app.store.fulfilment.schemas import OrdersQuery
from app.store.payments.schemas import PaymentIn


@dataclass(frozen=True, slots=True)
class Operation:
    """A door: `rule` as Flask writes it, below /api/v1; `who` may enter; `asks` is the schema of its query, `takes`
    that of its body; `status` of its good answer."""

    name: str
    method: str
    rule: str
    who: str | None
    status: int = 200
    asks: type[Schema] | None = None
    takes: type[Schema] | None = None


ADDRESS = {
    "name": "王小明",
    "phone": "13800000000",
    "province": "浙江",
    "city": "杭州",
    "district": "西湖",
    "street": "文三路 1 号",
}
PRODUCT = Operation("product detail", "GET", "/products/<uuid:product_id>", None)
POST = Operation("post detail", "GET", "/posts/<uuid:post_id>", ANYONE)
EXPLORE = Operation("explore", "GET", "/feed/explore", ANYONE, asks=PageQuery)
FOLLOWING = Operation("following", "GET", "/feed/following", PERSON, asks=PageQuery)
SEARCH = Operation("search", "GET", "/search/posts", ANYONE, asks=SearchQuery)
QUOTE = Operation("quote, 50 lines", "GET", "/checkouts/<uuid:checkout_id>", BUYER)
CART = Operation("cart add", "POST", "/cart/lines", ANYONE, 201, takes=CartLineIn)
ORDERS = Operation("order list", "GET", "/me/orders", BUYER, asks=OrdersQuery)
READS = (PRODUCT, POST, EXPLORE, FOLLOWING, SEARCH, QUOTE, CART, ORDERS)
"""What is asked again and again, each request by itself; to add to a cart writes, and is asked like a read."""

CALLBACK = Operation("callback", "POST", "/callbacks/sandbox", None)
FLOW = (
    Operation("open checkout", "POST", "/links/<code>/checkout", ANYONE, 201, takes=LinkCheckoutIn),
    Operation("give address", "PATCH", "/checkouts/<uuid:checkout_id>", BUYER, takes=CheckoutChangeIn),
    Operation("purchase", "POST", "/checkouts/<uuid:checkout_id>/purchase", BUYER, 201, takes=PurchaseIn),
    Operation("begin payment", "POST", "/purchases/<uuid:purchase_id>/payments", BUYER, 201, takes=PaymentIn),
    CALLBACK,
    Operation("see it paid", "GET", "/purchases/<uuid:purchase_id>", BUYER),
)
"""The calls of an app from a link to a paid purchase, in their order; the callback is its provider's."""
HOT = Operation("hot item, one call", "POST", "/skus/<uuid:sku_id>/purchase", BUYER, 201, takes=BuyNowIn)
STEPS = (*FLOW, HOT)
"""What is measured step by step."""
