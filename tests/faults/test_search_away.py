"""Elasticsearch frozen (kill -STOP), not only stopped: answers from the other engine, then back, nothing missed."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.journeys.people import Somebody, done, eventually
from tests.live import LiveTown
from tests.servers.elasticsearch import RunningElasticsearch


@pytest.fixture
def town(live: LiveTown, elasticsearch: RunningElasticsearch) -> Iterator[LiveTown]:
    live.env["ELASTICSEARCH_URL"] = elasticsearch.url
    yield live.start()


def _ask(town: LiveTown, words: str) -> tuple[str, list[str], float]:
    """(engine, ids, seconds)"""
    began = time.monotonic()
    answer = town.person().get(f"/search/products?q={words}")
    return answer.headers["Search-Engine"], [one["id"] for one in done(answer)["items"]], time.monotonic() - began


def test_elasticsearch_frozen_is_answered_by_postgres_and_comes_back_with_nothing_missed(
    town: LiveTown, elasticsearch: RunningElasticsearch
) -> None:
    merchant = Somebody(town)
    shop = merchant.opens_a_shop()
    before = merchant.lists(shop, title="冻结之前的茶壶")
    eventually(lambda: _ask(town, "茶壶")[:2] == ("elasticsearch", [before["id"]]), 15)
    assert elasticsearch.pid is not None, "a server of this machine, that can be frozen"
    os.kill(elasticsearch.pid, signal.SIGSTOP)
    try:
        slowest = 0.0
        for _ in range(5):
            engine, ids, took = _ask(town, "茶壶")
            slowest = max(slowest, took)
            assert (engine, ids) == ("postgres", [before["id"]])
        assert slowest < 2.0
        during = merchant.lists(shop, title="冻结之中的茶壶")
        eventually(lambda: during["id"] in _ask(town, "茶壶")[1], 3)
        assert done(town.person().get("/feed/explore"))["items"] == []
    finally:
        os.kill(elasticsearch.pid, signal.SIGCONT)
    wanted = sorted([before["id"], during["id"]])
    eventually(lambda: (_ask(town, "茶壶")[0], sorted(_ask(town, "茶壶")[1])) == ("elasticsearch", wanted), 30)
