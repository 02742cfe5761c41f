"""The page that a link opens, for anyone with a browser: the goods at this moment, and the post that names them."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from app.buying.links.actions import record_click
from app.buying.links.queries import LinkedGoods, goods_of, link_or_missing, similar_to
from app.community.posts.queries import post_page
from app.core.caller import Caller
from app.core.config import settings
from app.core.errors import Refused
from app.core.http.pages import PageDoor, page
from app.core.money import yuan
from app.store.catalogue.queries import product_cards

EXCERPT = 280
"""So much of a post's body stands on the page, in characters."""

door = PageDoor("posts", __name__)


@door.get("/l/<code>", limit="track")
def open_link(caller: Caller, code: str) -> str | Response:
    """What a link sells, with a buy button that works without script; records the click."""
    try:
        link = link_or_missing(code)
        goods = goods_of(link.product_id)
        if request.method == "GET":  # a HEAD is no visit
            record_click(link, caller.ref)
        return page("link.html", link=link, goods=goods, post=_post(link.post_id), yuan=yuan, **_cards(goods))
    except Refused as refused:
        return Response(page("link_gone.html"), status=refused.status, mimetype="text/html")


def _post(post_id: UUID | None) -> dict[str, Any] | None:
    """The post that the link stands in, if everybody may see it; without it the link sells on."""
    try:
        post = orjson.loads(post_page(None, post_id)) if post_id else None
    except Refused:
        return None
    if post and len(post["body"]) > EXCERPT:
        post["body"] = post["body"][:EXCERPT].rstrip() + "…"
    return post


def _cards(goods: LinkedGoods) -> dict[str, Any]:
    """The goods' card, those of similar goods if these cannot be bought, and where this server is for others."""
    alike = [] if goods.in_stock else similar_to(goods.product_id)
    cards = {one: orjson.loads(card) for one, card in product_cards([goods.product_id, *alike]).items()}
    return {
        "product": cards.get(goods.product_id),
        "similar": [cards[one] for one in alike if one in cards],
        "site": (settings.public_url or request.url_root).rstrip("/"),
    }
