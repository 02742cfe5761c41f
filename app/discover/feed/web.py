"""The front page: the explore feed as a wall of cards, for whoever opens the address of this server."""

import orjson
from flask import request

from app.core.caller import Caller
from app.core.http.pages import PageDoor, page
from app.discover.feed import actions

CARDS = 24
"""On one page: whole rows of two, three and four."""

door = PageDoor("feed", __name__)


@door.get("/")
def show_home(caller: Caller) -> str:
    """New and liked posts; `cursor` names a further page."""
    cursor = request.args.get("cursor")
    cards, following = actions.explore_page(caller, cursor, CARDS)
    return page("feed_home.html", posts=[orjson.loads(card) for _, card in cards], next=following, is_first=not cursor)
