"""Doors of the feeds."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.clock import iso
from app.core.fields import PageQuery
from app.core.http.answers import Ready, joined
from app.core.http.door import PERSON, Door
from app.core.paging import cursor, values_of
from app.discover.feed import actions, queries
from app.discover.feed.schemas import FeedOut

door = Door("feed")
EXPLORE, FOLLOWING, FRIENDS = "explore", "following", "friends"
_BECAUSE = {
    (EXPLORE, "zh"): "新发布的，或大家喜欢的",
    (EXPLORE, "en"): "New, or liked by many",
    (FOLLOWING, "zh"): "来自你关注的人",
    (FOLLOWING, "en"): "From somebody you follow",
    (FRIENDS, "zh"): "来自你的朋友",
    (FRIENDS, "en"): "From a friend of yours",
}


@door.get("/feed/explore", asks=PageQuery, gives=FeedOut)
def explore(caller: Caller, asked: dict[str, Any]) -> Ready:
    """New and liked posts, for guests too. Pages fit together: nothing twice, nothing that is gone, for a day."""
    cards, following = actions.explore_page(caller, asked["cursor"], asked["limit"])
    return _page(cards, EXPLORE, caller, following)


@door.get("/feed/following", asks=PageQuery, gives=FeedOut, who=PERSON)
def following(caller: Caller, asked: dict[str, Any]) -> Ready:
    """The posts of those whom you follow, newest first."""
    return _newest(queries.following_cards, FOLLOWING, caller, asked)


@door.get("/feed/friends", asks=PageQuery, gives=FeedOut, who=PERSON)
def friends(caller: Caller, asked: dict[str, Any]) -> Ready:
    """The posts of your friends (each follows the other), newest first, with those that are for friends only."""
    return _newest(queries.friends_cards, FRIENDS, caller, asked)


def _newest(ask: Callable[..., Any], code: str, caller: Caller, asked: dict[str, Any]) -> Ready:
    values = values_of(f"feed.{code}", asked["cursor"])
    after = (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None
    cards, last = ask(caller, after, asked["limit"])
    further = cursor(f"feed.{code}", [iso(last[0]), str(last[1])]) if last else None
    return _page(cards, code, caller, further)


def _page(cards: Sequence[tuple[UUID, bytes]], code: str, caller: Caller, further: str | None) -> Ready:
    """The cards, each inside its feed item; all ready bytes."""
    reason = orjson.dumps({"code": code, "because": _BECAUSE[(code, caller.language)]})
    tail = b',"reason":' + reason + b',"paid":false}'
    items = [b'{"id":%b,"kind":"feed_item","post":%b%b' % (orjson.dumps(one), card, tail) for one, card in cards]
    return joined(items, further)
