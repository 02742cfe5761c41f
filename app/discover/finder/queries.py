"""Questions to the search engine, and the cards of what it found. It answers ids; what is shown is the truth."""

import atexit
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import orjson
import structlog

from app.buying.links.queries import similar_goods
from app.community.cards.queries import open_cards
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import rows_of
from app.core.errors import Refused
from app.discover.finder.kinds import KINDS
from app.people.accounts.queries import author_cards
from app.people.social.queries import followed_among, near_among
from app.store.catalogue.queries import product_cards, product_details
from search.engine import Completion, EngineNotReady, EngineUnavailable, Finder, Found, connect
from search.questions import ExploreFeed, FindPeople, FindPosts, FindProducts, Question, SimilarProducts, Suggest

T = TypeVar("T")
DEEPEST = 1_000
"""Nobody pages past this place of what was found."""

SPARE = 2
"""So many times the texts that are wanted are asked for, in case some are of what is no longer there."""

_ROUNDS = 4
_made: dict[tuple[int, str, str, str], Finder] = {}
_making = threading.Lock()
log = structlog.get_logger("search")


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Ready items, where the next page goes on (None at the end), and the engine that answered."""

    items: list[bytes]
    next: int | None
    engine: str


def engines() -> Finder:
    """This process's way to the search engines. It is made when first asked for, so never before a fork."""
    key = (os.getpid(), settings.database_url, settings.elasticsearch_url, settings.search_index_prefix)
    found = _made.get(key)
    if found is None:
        with _making:
            found = _made.get(key)
            if found is None:
                _, database_url, elasticsearch_url, prefix = key
                found = _made[key] = connect(
                    database_url=database_url, elasticsearch_url=elasticsearch_url or None, index_prefix=f"{prefix}-"
                )
    return found


@atexit.register
def close_engines() -> None:
    """Let the connections of this process go; they are made anew when asked for."""
    with _making:
        for key in [one for one in _made if one[0] == os.getpid()]:
            _made.pop(key).close()


def find(question: Question) -> Found:
    """The ids that answer a question. Raises Refused 503 while no engine can."""
    return _answered(lambda: engines().find(question), Found((), 0, "postgres"))


def suggestions(words: str, limit: int) -> tuple[tuple[str, ...], str]:
    """Whole texts for what has been typed so far, and the engine that answered. Raises Refused 503 while none can."""
    nothing: tuple[tuple[Completion, ...], str] = ((), "postgres")
    found, engine = _answered(lambda: engines().suggested(Suggest(words, SPARE * limit)), nothing)
    return _still_carried(found)[:limit], engine


def _still_carried(found: Sequence[Completion]) -> tuple[str, ...]:
    """The texts that something visible carries: an engine hears late of what is hidden. A query a kind."""
    asked: defaultdict[str, set[UUID]] = defaultdict(set)
    for one in found:
        for kind, id in one.carriers:
            asked[kind].add(id)
    visible = {(kind, id) for kind, ids in asked.items() for id in KINDS[kind].visible(ids)}
    return tuple(one.text for one in found if not visible.isdisjoint(one.carriers))


def _answered(ask: Callable[[], T], nothing: T) -> T:
    """What an engine answers; nothing while the embedded one waits to be filled, for the first time or anew."""
    try:
        return ask()
    except EngineNotReady:
        if engines().embedded.health().outdated:
            return nothing
    except EngineUnavailable as error:
        raise _unavailable(error) from None
    try:
        return ask()  # it was made ready between the question and the look
    except EngineUnavailable as error:
        raise _unavailable(error) from None


def _unavailable(error: EngineUnavailable) -> Refused:
    log.warning("no_search_engine", reason=str(error)[:200])
    zh, en = "搜索暂时不可用，请稍后再试", "Search is not available right now: try again shortly."
    return Refused(503, "search_unavailable", zh, en, retry_after=1)


def explored(seed: int, as_of: datetime, limit: int) -> Sequence[UUID]:
    """Ids of posts up to `as_of` for somebody of whom nothing is known, best first; none while no engine can."""
    try:
        return find(ExploreFeed(seed, as_of, limit)).ids
    except Refused:
        return ()


def find_posts(caller: Caller, words: str, limit: int, skip: int) -> FoundPage:
    """Cards of posts about `words`, as the caller sees them."""

    def show(ids: Sequence[UUID]) -> list[bytes]:
        return rows_of(list(ids), open_cards(caller.person_id, ids))

    return _page(limit, skip, lambda most, past: find(FindPosts(words, most, past)), show)


def find_products(words: str, limit: int, skip: int) -> FoundPage:
    """Cards of goods."""

    def show(ids: Sequence[UUID]) -> list[bytes]:
        return rows_of(list(ids), product_cards(ids))

    return _page(limit, skip, lambda most, past: find(FindProducts(words, most, past)), show)


def find_people(caller: Caller, words: str, limit: int, skip: int) -> FoundPage:
    """Cards of people, and whether the caller follows them."""

    def show(ids: Sequence[UUID]) -> list[bytes]:
        return shown_people(caller, ids)

    return _page(limit, skip, lambda most, past: find(FindPeople(words, most, past)), show)


def _page(
    limit: int, skip: int, ask: Callable[[int, int], Found], show: Callable[[Sequence[UUID]], list[bytes]]
) -> FoundPage:
    """A full page: what the index has and the truth no longer shows is passed over, and the page filled up."""
    items: list[bytes] = []
    found = ask(limit, skip)
    for _ in range(_ROUNDS):
        items += show(found.ids)
        skip += len(found.ids)
        over = skip >= min(found.total, DEEPEST) or not found.ids
        if over or len(items) >= limit:
            return FoundPage(items, None if over else skip, found.engine)
        found = ask(limit - len(items), skip)
    return FoundPage(items, skip, found.engine)


def shown_people(caller: Caller, ids: Sequence[UUID]) -> list[bytes]:
    """Cards of people in the order of `ids`, without those whom a block keeps apart from the caller. Three queries."""
    cards = author_cards(near_among(caller.person_id, ids))
    followed = followed_among(caller.person_id, ids)
    return [orjson.dumps({**cards[one], "viewer": {"following": one in followed}}) for one in ids if one in cards]


@similar_goods
def goods_like(product_id: UUID, most: int) -> list[UUID]:
    """Goods in stock that are like a product, for links whose own goods are off; [] while no engine can."""
    found = product_details([product_id]).get(product_id)
    if found is None:
        return []
    words = f"{found.title} {found.brand} {found.category}"
    try:
        return list(engines().find(SimilarProducts(product_id, words, most)).ids)
    except EngineUnavailable:
        return []
