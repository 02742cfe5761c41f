"""Doors of search, open to guests. The header Search-Engine names the engine that answered."""

from typing import Any

from app.community.cards.schemas import PostsOut
from app.core.caller import Caller
from app.core.http.answers import With, joined
from app.core.http.door import Door
from app.core.paging import cursor, values_of
from app.discover.finder import queries
from app.discover.finder.queries import FoundPage
from app.discover.finder.schemas import FoundPeopleOut, FoundProductsOut, SearchQuery, SuggestionsOut, SuggestQuery

door = Door("finder")


@door.get("/search/posts", asks=SearchQuery, gives=PostsOut, limit="search")
def search_posts(caller: Caller, asked: dict[str, Any]) -> With:
    """Posts about the words of q, best first."""
    return _answer("posts", asked, queries.find_posts(caller, asked["q"], asked["limit"], _skip("posts", asked)))


@door.get("/search/products", asks=SearchQuery, gives=FoundProductsOut, limit="search")
def search_products(caller: Caller, asked: dict[str, Any]) -> With:
    """Goods on sale that the words of q name or describe, best first."""
    return _answer("products", asked, queries.find_products(asked["q"], asked["limit"], _skip("products", asked)))


@door.get("/search/people", asks=SearchQuery, gives=FoundPeopleOut, limit="search")
def search_people(caller: Caller, asked: dict[str, Any]) -> With:
    """People by nickname, username or bio, best first."""
    return _answer("people", asked, queries.find_people(caller, asked["q"], asked["limit"], _skip("people", asked)))


@door.get("/search/suggest", asks=SuggestQuery, gives=SuggestionsOut, limit="search")
def suggest(caller: Caller, asked: dict[str, Any]) -> With:
    """Whole texts for what has been typed so far: Chinese, pinyin or its initials, English."""
    texts, engine = queries.suggestions(asked["q"], asked["limit"])
    items = [{"id": text, "kind": "suggestion", "text": text} for text in texts]
    return With({"items": items, "next": None}, {"Search-Engine": engine})


def _answer(name: str, asked: dict[str, Any], found: FoundPage) -> With:
    following = None if found.next is None else cursor(_scope(name, asked), [found.next])
    return With(joined(found.items, following), {"Search-Engine": found.engine})


def _skip(name: str, asked: dict[str, Any]) -> int:
    values = values_of(_scope(name, asked), asked["cursor"])
    return int(values[0]) if values else 0


def _scope(name: str, asked: dict[str, Any]) -> str:
    """A cursor goes on with the question that it came from, with no other."""
    return f"search.{name}:{asked['q']}"
