"""Pages of goods for anyone with a browser: what a link opens, and the post that brought the visitor; and goods by
themselves. Both as they are at this moment, with a buy form that works without script; where it is refused, the page is
shown again with the form as it was filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.buying.baskets.models import LineWanted
from app.buying.checkout.actions import open_form_checkout
from app.buying.checkout.models import opener
from app.buying.checkout.queries import waiting_for
from app.buying.checkout.schemas import MOST_OF_ONE, BuyForm
from app.buying.links.actions import came_back, record_click
from app.buying.links.queries import OpenLink, link_or_missing, similar_to
from app.community.cards.queries import post_page, product_posts
from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.http import browser
from app.core.http.forms import form
from app.core.http.pages import Leaving, PageDoor, both_at_browser, go, page
from app.core.http.request import language
from app.core.ids import new_id
from app.store.catalogue.queries import product_cards, product_page

EXCERPT = 280
"""So much of a post's body stands on the page, in characters."""
ABOUT = 120
"""So much of a text stands in the card of a shared address."""
OTHERS = 4
Said = tuple[str, str]
"""A sentence in Chinese and in English."""
BAD_FIELDS: dict[str, Said] = {
    "quantity": (f"数量请填 1 到 {MOST_OF_ONE} 的整数", f"The quantity is a whole number from 1 to {MOST_OF_ONE}."),
    "sku_id": ("请选择一个规格", "Choose a variant."),
    "id": ("页面已过期，请再按一次", "The page was out of date: press the button once more."),
}

door = PageDoor("landing", __name__)


@dataclass(frozen=True)
class Refilled:
    """A buy form that was refused: what was typed and what is wrong with it; empty on a page that is just opened."""

    sent: Mapping[str, str] = field(default_factory=dict)
    fault: Said = ("", "")


@door.get("/l/<code>", limit="page")
def open_link(caller: Caller, code: str) -> str | Response | Leaving:
    """What a link sells; records the click."""
    try:
        link = link_or_missing(code)
        shown = _goods_page(caller, link.product_id, link)
    except Refused as refused:
        return _gone(refused)
    trace = f"{caller.ip} {caller.device}" if browser.is_new_guest() else None
    return Leaving(shown, lambda: record_click(link, caller.ref, trace)) if browser.is_looked_at() else shown


@door.get("/goods/<uuid:product_id>", limit="page")
def show_goods(caller: Caller, product_id: UUID) -> str:
    """Goods by themselves, as search and lists of goods name them."""
    return _goods_page(caller, product_id)


@door.post("/l/<code>/checkout")
def buy(caller: Caller, code: str) -> AnyResponse:
    """The buy button of a link's page."""
    try:
        link = link_or_missing(code)
        return _bought(caller, link.product_id, link)
    except Refused as refused:
        return _gone(refused)


@door.post("/goods/<uuid:product_id>/checkout")
def buy_unlinked(caller: Caller, product_id: UUID) -> AnyResponse:
    """The buy button of goods by themselves."""
    return _bought(caller, product_id)


def _bought(caller: Caller, product_id: UUID, link: OpenLink | None = None) -> AnyResponse:
    """On to the checkout, or the page again with why not. Raises Refused 404 where the goods are gone."""
    came_back(browser.guest_of_browser(caller).ref)
    try:
        given = BuyForm().load(form())
        want = LineWanted(given["sku_id"], given["quantity"], link.code if link else None)
        with db.session.begin_nested():  # a refusal undoes what was done so far, and the page is shown after it
            return go(f"/checkout/{open_form_checkout(opener(caller), given['id'], product_id, want)}")
    except ValidationError as bad:
        status, fault = 422, _bad_field(bad.messages_dict)
    except Refused as refused:
        status, fault = refused.status, _why(product_id, given["sku_id"], refused)
    return Response(_goods_page(caller, product_id, link, Refilled(form(), fault)), status, mimetype="text/html")


def _why(product_id: UUID, sku_id: UUID, refused: Refused) -> Said:
    """Why goods could not be bought, in a sentence that names no ids."""
    if refused.code == "sold_out":
        skus = orjson.loads(product_page(product_id))["skus"]
        left = next((sku["stock"] for sku in skus if sku["id"] == str(sku_id)), 0)
        return (f"只剩 {left} 件", f"Only {left} left.") if left else ("刚刚卖完了", "It has just sold out.")
    return _bad_field(refused.errors) if refused.code == "invalid" else (refused.zh, refused.en)


def _bad_field(errors: Mapping[str, object]) -> Said:
    return next(said for name, said in BAD_FIELDS.items() if name in errors)


def _gone(refused: Refused) -> Response:
    """The page of a link that opens nothing any more."""
    return Response(page("landing_gone.html"), status=refused.status, mimetype="text/html")


def _post(post_id: UUID | None) -> dict[str, Any] | None:
    """The post that the link stands in, if everybody may see it; without it the link sells on."""
    try:
        post = orjson.loads(post_page(None, post_id)) if post_id else None
    except Refused:
        return None
    if post and len(post["body"]) > EXCERPT:
        post["body"] = post["body"][:EXCERPT].rstrip() + "…"
    return post


def _goods_page(
    caller: Caller, product_id: UUID, link: OpenLink | None = None, refilled: Refilled | None = None
) -> str:
    """`refilled`: the buy form that was refused. Raises Refused 404 for goods that nobody may see."""
    goods, post = orjson.loads(product_page(product_id)), _post(link.shown_post_id) if link else None
    found, _ = product_posts(None, product_id, OTHERS + 1, None)
    others = [one for one in map(orjson.loads, found) if post is None or one["id"] != post["id"]]
    return page(
        "landing_goods.html",
        goods=goods,
        post=post,
        others=others[:OTHERS],
        similar=_similar(goods),
        about=post["title"] if post else " ".join(goods["description"].split())[:ABOUT] or goods["shop"]["name"],
        picture=_picture(goods, link, post),
        waiting=waiting_for(both_at_browser(caller), product_id),
        address=link.url if link else f"/goods/{goods['id']}",
        link_code=link.code if link else "",
        **_buy_form(goods, link, refilled or Refilled()),
    )


def _buy_form(goods: dict[str, Any], link: OpenLink | None, refilled: Refilled) -> dict[str, Any]:
    """What the buy form says. `most`: without script it cannot follow the variant that is chosen, so that of any."""
    left = max((sku["stock"] for sku in goods["skus"]), default=0)
    return {
        "checkout_id": new_id(),
        "chosen": _chosen(goods, refilled.sent.get("sku_id") or (str(link.sku_id) if link else None)),
        "quantity": refilled.sent.get("quantity", "1"),
        "most": min(MOST_OF_ONE, left),
        "fault": refilled.fault[language() == "en"],
    }


def _picture(goods: dict[str, Any], link: OpenLink | None, post: dict[str, Any] | None) -> dict[str, Any] | None:
    """The picture of a shared address: the one on which the link's tag sits, else the goods' own, else the post's."""
    tag = next((one for one in post["tags"] if link and one["link"]["code"] == link.code), None) if post else None
    on_post = post["pictures"] if post else []
    place = tag["image"] if tag else None
    if place is not None and place < len(on_post):
        found: dict[str, Any] = on_post[place]
        return found
    return next(iter(goods["pictures"]), None) or next(iter(on_post), None)


def _similar(goods: dict[str, Any]) -> list[dict[str, Any]]:
    """Cards of goods that somebody may take instead, where these cannot be bought."""
    alike = [] if goods["in_stock"] else similar_to(UUID(goods["id"]))
    cards = product_cards(alike)
    return [orjson.loads(cards[one]) for one in alike if one in cards]


def _chosen(goods: dict[str, Any], wanted: str | None) -> str | None:
    """The variant that is chosen beforehand: the one wanted, or the first that can be bought."""
    left = [sku["id"] for sku in goods["skus"] if sku["in_stock"]]
    return wanted if wanted in left else next(iter(left), None)
