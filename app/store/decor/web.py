"""The page of a shop for everybody: as it is arranged, and below all that it has on sale."""

from uuid import UUID

import orjson
from flask import request

from app.core.caller import Caller
from app.core.http.pages import PageDoor, page
from app.store.decor import queries
from app.store.shelves.queries import cards_of_shop
from app.store.shops.queries import shop_or_missing

CARDS = 24
"""On one page: whole rows of two, three and four."""
door = PageDoor("decor", __name__)


@door.get("/shops/<uuid:shop_id>", limit="page")
def show_shop(caller: Caller, shop_id: UUID) -> str:
    """A shop; `cursor` names a further page of its goods."""
    cursor = request.args.get("cursor")
    shop = queries.shop_json(shop_or_missing(shop_id))
    arranged = queries.look(shop_id)
    featured, sections, seen = queries.goods_on(shop_id, arranged)
    banners = queries.shown_banners(arranged.content, seen)
    goods, following = cards_of_shop(shop_id, None, CARDS, cursor)
    filled = [(one.section, [orjson.loads(card) for card in one.cards]) for one in sections if one.cards]
    shown = {"banners": banners, "featured": [orjson.loads(one) for one in featured], "sections": filled}
    told = {"goods": [orjson.loads(one) for one in goods], "next": following, "is_first": not cursor}
    return page("decor_shop.html", shop=shop, look=arranged, address=f"/shops/{shop_id}", **shown, **told)
