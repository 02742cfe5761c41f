"""The public page of a post: all of it, what others said, and more by its author. Opening it is a view.

It stands here and not in posts, since it shows comments and counts views, of which posts knows nothing.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from flask import request

from app.community.cards.queries import person_posts, post_page
from app.community.comments.models import HOT
from app.community.comments.queries import comment_pages
from app.core import clock
from app.core.caller import Caller
from app.core.http import browser
from app.core.http.pages import Leaving, PageDoor, page
from app.discover.recommendations import actions
from app.discover.recommendations.actions import Shown
from app.store.catalogue.queries import product_cards

PAGE = "page"
"""The surface of a view in a browser."""
COMMENTS, MORE = 10, 4
ABOUT = 120
"""So much of a text stands in the card of a shared address."""

door = PageDoor("recommendations", __name__)


@door.get("/p/<uuid:post_id>", limit="page")
def open_post(caller: Caller, post_id: UUID) -> str | Leaving:
    """A post that everybody may see; any other is not there, for its author too."""
    post = orjson.loads(post_page(None, post_id))
    comments, further = comment_pages(None, post_id, HOT, COMMENTS, request.args.get("cursor"))
    shown = page(
        "recommendations_post.html",
        post=post,
        goods=_goods(post),
        spots=_spots(post),
        comments=[orjson.loads(one) for one in comments],
        further=further,
        more=_more(post),
        about=" ".join(post["body"].split())[:ABOUT] or (post["author"] or {}).get("nickname", ""),
    )
    viewer, seen = _viewer(caller), Shown(post_id, PAGE, 0, 0, clock.now())
    return Leaving(shown, lambda: actions.take_in(viewer, [seen])) if browser.is_looked_at() else shown


def _viewer(caller: Caller) -> Caller:
    """A browser without our cookie is a stranger, known by his address: else each request of who keeps none counts."""
    return replace(caller, guest_id=None) if browser.is_new_guest() else caller


def _numbers(post: dict[str, Any]) -> dict[str, int]:
    """The tagged products in their order, numbered from 1."""
    ids = dict.fromkeys(tag["product"]["id"] for tag in post["tags"])
    return {one: number for number, one in enumerate(ids, 1)}


def _goods(post: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each tagged product: its number, its card and the way to buy it by this post."""
    numbers = _numbers(post)
    cards = product_cards([UUID(one) for one in numbers])
    links = {tag["product"]["id"]: tag["link"]["url"] for tag in reversed(post["tags"])}
    return [
        {"number": number, "card": orjson.loads(cards[UUID(one)]), "url": links[one]}
        for one, number in numbers.items()
        if UUID(one) in cards
    ]


def _spots(post: dict[str, Any]) -> dict[int, list[dict[str, Any]]]:
    """The places of goods on each picture, by its position."""
    numbers, found = _numbers(post), dict[int, list[dict[str, Any]]]()
    for tag in post["tags"]:
        if tag["image"] is not None and tag["x"] is not None and tag["y"] is not None:
            goods = {"number": numbers[tag["product"]["id"]], "title": tag["product"]["title"]}
            place = {"x": tag["x"], "y": tag["y"], "url": tag["link"]["url"]}
            found.setdefault(tag["image"], []).append(goods | place)
    return found


def _more(post: dict[str, Any]) -> list[dict[str, Any]]:
    """Cards of the author's other posts, newest first."""
    if post["author"] is None:
        return []
    found, _ = person_posts(None, UUID(post["author"]["id"]), MORE + 1, None)
    return [one for one in map(orjson.loads, found) if one["id"] != post["id"]][:MORE]
