"""The page of a shop's goods for those who work there."""

from urllib.parse import urlencode
from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, page
from app.core.paging import USUAL
from app.store.catalogue.models import STATES
from app.store.shelves import queries
from app.store.shelves.schemas import ShelfQuery
from app.store.shops.queries import require_staff

door = PageDoor("shelves", __name__, who=PERSON)
menu.add(menu.SHOP, "", "商品", "Goods", order=10)


@door.get("/portal/shops/<uuid:shop_id>")
def show_shelf(caller: Caller, shop_id: UUID) -> str:
    """The goods of a shop with price, stock and state, newest first; all, or those found by title and state."""
    shop = require_staff(shop_id, caller.person)
    asked = ShelfQuery().load(request.args.to_dict())
    narrowed = {"q": asked["q"].strip(), "state": asked["state"]}
    goods, cursor = queries.goods_of_shop(shop_id, USUAL, asked["cursor"], narrowed["q"].split(), narrowed["state"])
    following = "?" + urlencode({**narrowed, "cursor": cursor}) if cursor else None
    states = (*STATES, queries.TAKEN_DOWN)
    return page("shelves_shop.html", shop=shop, goods=goods, following=following, states=states, **narrowed)
