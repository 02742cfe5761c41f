"""Redis frozen or flushed, the worker away: what needs only PostgreSQL goes on."""

import os
import signal
import time

import pytest
import redis

from app.core.server.redis import EmbeddedRedis
from tests.faults.crowd import GuestBuyer, shop_with
from tests.faults.invariants import assert_sound, stock_of
from tests.journeys.people import Somebody, done
from tests.live import LiveTown


@pytest.fixture
def town(live: LiveTown, own_redis: EmbeddedRedis) -> LiveTown:
    live.env["REDIS_URL"] = own_redis.url()
    return live.start()


def _signs_in_and_buys(town: LiveTown, sku: str) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    person = Somebody(town)
    body = {"username": person.username, "password": person.password}
    token = done(town.person().post("/sessions", body), 201)["access_token"]
    done(town.person(token).get("/me"))
    assert GuestBuyer(town).buys(sku) is not None
    done(person.delete("/sessions/current"), 204)
    assert person.get("/me").status_code == 401
    return time.monotonic() - began


def test_redis_frozen_sign_in_checkout_and_pay_work(town: LiveTown, own_redis: EmbeddedRedis) -> None:
    sku = shop_with(town, stock=10)
    assert own_redis.pid
    os.kill(own_redis.pid, signal.SIGSTOP)
    took = _signs_in_and_buys(town, sku)
    again = _signs_in_and_buys(town, sku)
    os.kill(own_redis.pid, signal.SIGCONT)
    assert took < 15
    assert again < 8, "after the first failure Redis is left alone for a while"
    assert stock_of(town, sku).sold == 2
    assert_sound(town)


def test_redis_stopped_and_back_empty_nothing_is_lost(town: LiveTown, own_redis: EmbeddedRedis) -> None:
    sku = shop_with(town, stock=10)
    own_redis.stop()
    _signs_in_and_buys(town, sku)
    own_redis.start()
    _signs_in_and_buys(town, sku)
    assert_sound(town)


def test_a_flush_of_redis_at_any_moment_loses_nothing(town: LiveTown, own_redis: EmbeddedRedis) -> None:
    sku = shop_with(town, stock=10)
    client = redis.Redis.from_url(own_redis.url())
    person = Somebody(town)
    opened = done(person.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}), 201)
    client.flushall()
    assert person.orders(opened["id"])["status"] == "paid"
    client.flushall()
    done(person.delete("/sessions/current"), 204)
    assert person.get("/me").status_code == 401
    client.close()
    assert_sound(town)


def test_without_a_worker_people_still_buy_and_it_catches_up_later(live: LiveTown) -> None:
    town = live.start()
    town.children["worker"].stop()
    sku = shop_with(town, stock=3)
    assert GuestBuyer(town).buys(sku) is not None
    merchant = Somebody(town, "后来的人")
    town.start_worker()
    end = time.monotonic() + 10
    while merchant.id not in [one["id"] for one in done(town.person().get("/search/people?q=后来的人"))["items"]]:
        assert time.monotonic() < end, "the worker did not catch up"
        time.sleep(0.1)
    assert_sound(town)
