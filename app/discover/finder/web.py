"""Search as a page: posts, or goods, about some words."""

import orjson
from flask import request

from app.core.caller import Caller
from app.core.fields import is_blank
from app.core.http.pages import PageDoor, page
from app.core.paging import cursor, values_of
from app.discover.finder import queries
from app.discover.finder.schemas import SearchQuery

CARDS = 24
"""On one page: whole rows of two, three and four."""
POSTS, GOODS = "posts", "goods"

door = PageDoor("finder", __name__)


@door.get("/search", limit="search")
def search(caller: Caller) -> str:
    """What is found for `q`; `in` is posts or goods, `cursor` names a further page. No words find nothing."""
    kind = GOODS if request.args.get("in") == GOODS else POSTS
    words = request.args.get("q", "")
    if is_blank(words):
        return page("finder_search.html", words="", kind=kind, found=None, next=None)
    words = SearchQuery().load({"q": words})["q"]
    scope = f"search-page.{kind}:{words}"
    place = values_of(scope, request.args.get("cursor"))
    skip = int(place[0]) if place else 0
    if kind == GOODS:
        found = queries.find_products(words, CARDS, skip)
    else:
        found = queries.find_posts(caller, words, CARDS, skip)
    following = None if found.next is None else cursor(scope, [found.next])
    shown = [orjson.loads(one) for one in found.items]
    return page("finder_search.html", words=words, kind=kind, found=shown, next=following)
