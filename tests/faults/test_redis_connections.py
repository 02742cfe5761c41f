"""Each thread keeps a connection to Redis for what each request asks: what becomes of it when Redis is ill."""

import threading
import time
from collections.abc import Iterator

import pytest
import redis

from app.core.cache import PATIENCE_SECONDS, Cache
from app.core.config import settings
from app.core.server.redis import EmbeddedRedis


@pytest.fixture
def cache(own_redis: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """With a connection that is open already, and two values."""
    monkeypatch.setattr(settings, "redis_url", own_redis.url())
    made = Cache()
    made.put("one", b"1", 60)
    made.put("two", b"2", 60)
    assert made.get_many(["one", "none"]) == [b"1", None]
    return made


@pytest.fixture
def server(own_redis: EmbeddedRedis) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(own_redis.url()) as client:
        yield client


def test_a_connection_that_redis_has_closed_is_opened_anew_and_costs_nothing(cache: Cache, server: redis.Redis) -> None:
    server.client_kill_filter(_type="normal", skipme=True)
    assert cache.get_many(["two", "one"]) == [b"2", b"1"]


def test_an_answer_that_comes_too_late_is_nobody_elses(cache: Cache, server: redis.Redis) -> None:
    server.client_pause(int(PATIENCE_SECONDS * 1500))
    assert cache.get_many(["one", "two"]) == [None, None]
    time.sleep(PATIENCE_SECONDS)
    cache._rest_until = 0.0
    assert cache.get_many(["two", "one"]) == [b"2", b"1"]


def test_while_redis_is_away_nothing_is_known_and_it_is_left_alone(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(settings, "redis_url", "redis://127.0.0.1:1/0")
        assert cache.get_many(["one", "two"]) == [None, None]
    assert cache.get_many(["one"]) == [None]
    cache._rest_until = 0.0
    assert cache.get_many(["one"]) == [b"1"]


def test_the_connection_of_a_thread_that_has_ended_is_used_again(cache: Cache, server: redis.Redis) -> None:
    found: list[list[bytes | None]] = []
    for _ in range(120):  # a pool has 100
        one = threading.Thread(target=lambda: found.append(cache.get_many(["one"])))
        one.start()
        one.join()
    assert found == [[b"1"]] * 120
    assert server.info("clients")["connected_clients"] < 10
