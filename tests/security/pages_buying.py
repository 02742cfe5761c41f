"""Pages of the cart, and of a purchase by its own address."""

from typing import Any

from app.core.ids import new_id
from tests.security import quotes as of
from tests.security import town as things
from tests.security.pages import ANYONE, PageRow
from tests.security.town import Town, Values


def goods(town: Town, owner: Any) -> Values:
    return things.goods(town, owner)


def _cart(values: Values) -> dict[str, str]:
    return {"id": str(new_id())}


ROWS = [
    PageRow("GET", "/cart", ANYONE),
    PageRow("POST", "/cart", ANYONE, 303, form=_cart),
    PageRow("POST", "/cart/lines", ANYONE, 303, goods, lambda v: {"sku_id": v["sku_id"], "quantity": "1"}),
    PageRow("POST", "/cart/clearance", ANYONE, 303),
    PageRow("POST", "/cart/checkout", ANYONE, 422, form=_cart),
    PageRow("GET", "/o/<token>", ANYONE, own=of.open_page),
    PageRow("POST", "/o/<token>/payments", ANYONE, 303, of.open_page),
]
