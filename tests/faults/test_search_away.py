"""Scenario 7: Elasticsearch frozen, slow, without an index or with a strange one.

The other engine answers, then Elasticsearch is back, and nothing is missed.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch

from tests.faults.between import Between, between
from tests.journeys.people import Somebody, done, eventually
from tests.live import LiveTown
from tests.servers.elasticsearch import RunningElasticsearch

BREAKER_OPENS = 2.0
"""Seconds within which the first question is answered by the other engine."""


@pytest.fixture
def wire(elasticsearch: RunningElasticsearch) -> Iterator[Between]:
    parts = urlsplit(elasticsearch.url)
    with between((str(parts.hostname), parts.port or 9200)) as found:
        yield found


@pytest.fixture
def town(live: LiveTown, wire: Between) -> LiveTown:
    live.env["ELASTICSEARCH_URL"] = f"http://{wire.address}"
    return live.start()


@pytest.fixture
def teapots(town: LiveTown) -> "Teapots":
    found = Teapots(town)
    found.are_found_by("elasticsearch", 60)
    return found


class Teapots:
    """Goods of one shop, the first of which is there from the beginning; all that are listed can be found."""

    def __init__(self, town: LiveTown) -> None:
        self.town = town
        self.merchant = Somebody(town)
        self.shop = self.merchant.opens_a_shop()
        self.ids: list[str] = []
        self.one_more()

    def one_more(self) -> None:
        self.ids.append(self.merchant.lists(self.shop, title=f"茶壶 {len(self.ids)}")["id"])

    def asked(self) -> tuple[str, list[str], float]:
        """(engine, ids, seconds)"""
        began = time.monotonic()
        answer = self.town.person().get("/search/products?q=茶壶")
        return (
            answer.headers["Search-Engine"],
            sorted(one["id"] for one in done(answer)["items"]),
            time.monotonic() - began,
        )

    def are_found_by(self, engine: str, seconds: float) -> None:
        """Within so many seconds, all of them; asked several times, since each process has a breaker of its own."""
        wanted = (engine, sorted(self.ids))
        eventually(lambda: all(self.asked()[:2] == wanted for _ in range(4)), seconds)

    def are_found_by_postgres_at_once(self) -> None:
        slowest = 0.0
        for _ in range(6):
            engine, ids, took = self.asked()
            slowest = max(slowest, took)
            assert (engine, ids) == ("postgres", sorted(self.ids))
        assert slowest < BREAKER_OPENS


@contextmanager
def frozen(elasticsearch: RunningElasticsearch) -> Iterator[None]:
    assert elasticsearch.pid is not None, "a server of this machine, that can be frozen"
    os.kill(elasticsearch.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(elasticsearch.pid, signal.SIGCONT)


def test_7_elasticsearch_frozen_is_answered_by_postgres_and_comes_back_with_nothing_missed(
    teapots: Teapots, elasticsearch: RunningElasticsearch
) -> None:
    with frozen(elasticsearch):
        teapots.are_found_by_postgres_at_once()
        teapots.one_more()
        teapots.are_found_by("postgres", 3)
        assert done(teapots.town.person().get("/feed/explore"))["items"] == []
    teapots.are_found_by("elasticsearch", 30)


def test_7_elasticsearch_slow_by_five_seconds_is_as_good_as_away(teapots: Teapots, wire: Between) -> None:
    wire.delay = 5.0
    teapots.are_found_by_postgres_at_once()
    teapots.one_more()
    teapots.are_found_by("postgres", 3)
    wire.delay = 0.0
    teapots.are_found_by("elasticsearch", 30)


def _exchange(client: Elasticsearch, alias: str, indexes: list[str]) -> None:
    """As by somebody's hand: another index than ours answers under our name."""
    strange = f"{alias}-{time.time_ns()}"
    client.indices.create(index=strange, mappings={"dynamic": "strict", "properties": {"name": {"type": "text"}}})
    gone = [{"remove_index": {"index": one}} for one in indexes]
    client.indices.update_aliases(actions=[{"add": {"index": strange, "alias": alias}}, *gone])


def test_7_an_index_that_somebody_exchanged_or_deleted_is_made_and_filled_again(
    teapots: Teapots, elasticsearch: RunningElasticsearch
) -> None:
    alias = f"{teapots.town.env['SEARCH_INDEX_PREFIX']}-product"
    with Elasticsearch(elasticsearch.url) as client:
        _exchange(client, alias, list(client.indices.get(index=f"{alias}-*")))
        teapots.are_found_by_postgres_at_once()
        teapots.one_more()
        teapots.are_found_by("elasticsearch", 30)
        client.indices.delete(index=",".join(client.indices.get(index=f"{alias}-*")))
        teapots.are_found_by_postgres_at_once()
        teapots.one_more()
        teapots.are_found_by("elasticsearch", 30)
