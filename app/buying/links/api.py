"""Mobile JSON of links."""

import orjson
from flask import request

from app.buying.links.actions import record_click
from app.buying.links.queries import LinkedGoods, OpenLink, gone, goods_of, link_or_missing, similar_to
from app.buying.links.schemas import LinkOut
from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import Door
from app.store.catalogue.queries import product_cards

door = Door("links")


@door.get("/links/<code>", gives=LinkOut, limit="track")
def open_link(caller: Caller, code: str) -> Ready:
    """What a link sells, at the price and stock of this moment; records the click. Goods that are off name others."""
    link = link_or_missing(code)
    goods = goods_of(link.product_id)
    if request.method == "GET":  # a HEAD is no visit
        record_click(link, caller.ref, None if caller.ref else f"{caller.ip} {caller.device}")
    return Ready(_body(link, goods))


def _body(link: OpenLink, goods: LinkedGoods) -> bytes:
    alike = [] if goods.is_on_sale else similar_to(link.product_id)
    cards = {one: orjson.Fragment(card) for one, card in product_cards([link.product_id, *alike]).items()}
    if link.product_id not in cards:
        raise gone()  # taken down since the line before
    return orjson.dumps(
        {
            "id": link.id,
            "kind": "link",
            "code": link.code,
            "url": link.url,
            "product": cards[link.product_id],
            "sku_id": link.sku_id,
            "skus": [
                {"id": sku.id, "name": sku.name, "price": sku.price, "in_stock": goods.has(sku)} for sku in goods.skus
            ],
            "post": {"id": link.shown_post_id} if link.shown_post_id else None,
            "promoter": {"id": link.promoter_id},
            "in_stock": goods.in_stock,
            "similar": [cards[one] for one in alike if one in cards],
        }
    )
