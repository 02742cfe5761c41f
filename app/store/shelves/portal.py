"""The page of a shop's goods for those who work there."""

from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, page
from app.core.paging import USUAL
from app.store.shelves import queries
from app.store.shops.queries import require_staff

door = PageDoor("shelves", __name__, who=PERSON)


@door.get("/portal/shops/<uuid:shop_id>")
def show_shelf(caller: Caller, shop_id: UUID) -> str:
    """All goods of a shop with price, stock and state, newest first."""
    shop = require_staff(shop_id, caller.person)
    goods, following = queries.goods_of_shop(shop_id, USUAL, request.args.get("cursor"))
    return page("shelves_shop.html", shop=shop, goods=goods, next=following)
