"""Processes die by kill -9 in the midst of buying; clients retry by key; nothing is lost, doubled or off."""

import threading
import time
from functools import partial
from pathlib import Path

import pytest

from tests.faults.crowd import GuestBuyer, all_at_once, shop_with
from tests.faults.invariants import assert_sound, count, stock_of
from tests.journeys.people import eventually
from tests.live import LiveTown

POINTS = [
    "checkout.open_checkout.before_commit",
    "checkout.open_checkout.after_commit",
    "checkout.purchase.before_commit",
    "checkout.purchase.after_commit",
    "orders.pay.before_commit",
    "orders.pay.after_commit",
    "payments.play_outcome.before_commit",
    "payments.play_outcome.after_commit",
    "payments.play_outcome.then.before_commit",
    "payments.play_outcome.then.after_commit",
]
WORKER_POINTS = [
    "store.orders.lapse_unpaid.before_commit",
    "store.orders.lapse_unpaid.after_commit",
    "finder.keep_postgres.before_commit",
    "finder.keep_postgres.after_commit",
]


def test_two_hundred_buyers_while_web_workers_and_the_worker_are_killed_every_two_seconds(live: LiveTown) -> None:
    live.env["UNPAID_SECONDS"] = "600"
    town = live.start()
    sku = shop_with(town, stock=1000)
    over = threading.Event()
    kills = 0

    def buy_all() -> list[str | None]:
        try:
            return all_at_once([partial(GuestBuyer(town, 90).buys, sku) for _ in range(200)], hands=12)
        finally:
            over.set()

    bought: list[str | None] = []
    crowd = threading.Thread(target=lambda: bought.extend(buy_all()))
    crowd.start()
    while not over.wait(2.0):
        town.kill_a_web_worker()
        town.kill_worker()  # here, in the main thread: a child dies with the thread that started it
        kills += 1
    crowd.join()
    assert kills >= 1
    assert len(bought) == 200
    assert None not in bought
    assert len(set(bought)) == 200
    stock = stock_of(town, sku)
    assert stock.all == 1000
    assert count(town, "SELECT count(*) FROM orders_purchases WHERE status = 'paid'") == 200
    assert count(town, "SELECT count(*) FROM ledger_journals WHERE kind = 'settlement'") == 200
    assert stock.sold == 200
    assert_sound(town)


@pytest.mark.parametrize("rounds", [POINTS], ids=["all points"])
def test_a_death_at_every_named_point_of_buying_is_survived_by_a_retry(
    live: LiveTown, tmp_path: Path, rounds: list[str]
) -> None:
    live.env |= {"FAILPOINTS": ",".join(rounds), "FAILPOINTS_FOLDER": str(tmp_path)}
    town = live.start()
    sku = shop_with(town, stock=100)
    number = 0
    while any(not (tmp_path / f"failpoint-{one}").exists() for one in rounds) and number < 40:
        number += 1
        assert GuestBuyer(town, 30).buys(sku) is not None
    missed = [one for one in rounds if not (tmp_path / f"failpoint-{one}").exists()]
    assert not missed, "these points are never reached"
    stock = stock_of(town, sku)
    assert stock.all == 100
    assert stock.sold == number
    assert count(town, "SELECT count(*) FROM ledger_journals WHERE kind = 'settlement'") == number
    assert_sound(town)


def test_a_death_at_every_named_point_of_the_worker_is_made_good_by_the_next_one(
    live: LiveTown, tmp_path: Path
) -> None:
    live.env |= {"FAILPOINTS": ",".join(WORKER_POINTS), "FAILPOINTS_FOLDER": str(tmp_path), "UNPAID_SECONDS": "1"}
    town = live.start()
    sku = shop_with(town, stock=10)
    assert GuestBuyer(town).places(sku, quantity=3) is not None
    end = time.monotonic() + 40
    while any(not (tmp_path / f"failpoint-{one}").exists() for one in WORKER_POINTS) and time.monotonic() < end:
        if not town.children["worker"].alive():
            town.children["worker"].stop(1)
            town.start_worker()
        time.sleep(0.2)
    missed = [one for one in WORKER_POINTS if not (tmp_path / f"failpoint-{one}").exists()]
    assert not missed, "these points are never reached"
    if not town.children["worker"].alive():
        town.start_worker()
    eventually(lambda: stock_of(town, sku).available == 10, seconds=10)
    assert count(town, "SELECT count(*) FROM orders_purchases WHERE status = 'lapsed'") == 1
    assert_sound(town)
