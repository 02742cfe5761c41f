"""make.supplier(): a shop that may supply others; make.offered(...): goods of one that anybody may resell."""

from app.core.db import in_transaction
from app.store.personalshops.actions import set_offer
from tests.make.application import approved
from tests.make.product import MadeProduct, as_staff, product
from tests.make.shop import MadeShop, shop


def supplier() -> MadeShop:
    """A new shop whose application to supply was approved for a year."""
    made = shop()
    approved(made, "supplier")
    return made


def offered(
    by: MadeShop | None = None, supply_price: int = 5000, floor_price: int = 8000, **named: object
) -> MadeProduct:
    """New goods of a supplier, of a new one if none is named, all of whose variants may be resold."""
    made = product(by or supplier(), **named)
    for sku in made.sku_ids:
        in_transaction(lambda sku=sku: set_offer(as_staff(made.shop), sku, supply_price, floor_price))
    return made
