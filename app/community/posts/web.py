"""Pages of goods for anyone with a browser: what a link opens, and the post that brought the visitor; and goods by
themselves. Both as they are at this moment, with a buy button that works without script."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from app.buying.links.actions import record_click
from app.buying.links.queries import OpenLink, link_or_missing, similar_to
from app.community.posts.queries import post_page, product_posts
from app.core.caller import Caller
from app.core.errors import Refused
from app.core.http import browser
from app.core.http.pages import Leaving, PageDoor, page
from app.store.catalogue.queries import product_cards, product_page

EXCERPT = 280
"""So much of a post's body stands on the page, in characters."""
ABOUT = 120
"""So much of a text stands in the card of a shared address."""
OTHERS = 4

door = PageDoor("posts", __name__)


@door.get("/l/<code>", limit="page")
def open_link(caller: Caller, code: str) -> str | Response | Leaving:
    """What a link sells; records the click."""
    try:
        link = link_or_missing(code)
        goods = orjson.loads(product_page(link.product_id))
    except Refused as refused:
        return Response(page("posts_gone.html"), status=refused.status, mimetype="text/html")
    shown = _goods_page(goods, link, _post(link.shown_post_id))
    trace = f"{caller.ip} {caller.device}" if browser.is_new_guest() else None
    return Leaving(shown, lambda: record_click(link, caller.ref, trace)) if browser.is_looked_at() else shown


@door.get("/goods/<uuid:product_id>", limit="page")
def show_goods(caller: Caller, product_id: UUID) -> str:
    """Goods by themselves, as search and lists of goods name them."""
    return _goods_page(orjson.loads(product_page(product_id)), None, None)


def _post(post_id: UUID | None) -> dict[str, Any] | None:
    """The post that the link stands in, if everybody may see it; without it the link sells on."""
    try:
        post = orjson.loads(post_page(None, post_id)) if post_id else None
    except Refused:
        return None
    if post and len(post["body"]) > EXCERPT:
        post["body"] = post["body"][:EXCERPT].rstrip() + "…"
    return post


def _goods_page(goods: dict[str, Any], link: OpenLink | None, post: dict[str, Any] | None) -> str:
    """`goods` and `post` are what their JSON holds."""
    found, _ = product_posts(None, UUID(goods["id"]), OTHERS + 1, None)
    others = [one for one in map(orjson.loads, found) if post is None or one["id"] != post["id"]]
    return page(
        "posts_goods.html",
        goods=goods,
        post=post,
        others=others[:OTHERS],
        similar=_similar(goods),
        chosen=_chosen(goods, link),
        about=post["title"] if post else " ".join(goods["description"].split())[:ABOUT] or goods["shop"]["name"],
        picture=post["cover"] if post and post["cover"] else next(iter(goods["pictures"]), None),
        address=link.url if link else f"/goods/{goods['id']}",
        buy_at=f"{link.url}/checkout" if link else "/checkout",
    )


def _similar(goods: dict[str, Any]) -> list[dict[str, Any]]:
    """Cards of goods that somebody may take instead, where these cannot be bought."""
    alike = [] if goods["in_stock"] else similar_to(UUID(goods["id"]))
    cards = product_cards(alike)
    return [orjson.loads(cards[one]) for one in alike if one in cards]


def _chosen(goods: dict[str, Any], link: OpenLink | None) -> str | None:
    """The variant that is chosen beforehand: the link's own, or the first that can be bought."""
    left = [sku["id"] for sku in goods["skus"] if sku["in_stock"]]
    wanted = str(link.sku_id) if link else None
    return wanted if wanted in left else next(iter(left), None)
