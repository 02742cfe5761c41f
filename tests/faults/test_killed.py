"""Processes die by kill -9 in the midst of buying; clients retry by key; nothing is lost, doubled or off."""

import threading
import time
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx

from tests.faults.crowd import GuestBuyer, all_at_once, shop_with
from tests.faults.invariants import assert_sound, count, stock_of
from tests.journeys.people import callback, eventually
from tests.live import LiveTown

BUYING_POINTS = [
    f"{door}.{moment}"
    for door in (
        "checkout.check_out",
        "checkout.change_checkout",
        "placing.purchase_checkout",
        "orders.pay",
        "orders.cancel",
        "payments.play_outcome",
        "payments.play_outcome.then",
        "payments.take_sandbox_callback",
    )
    for moment in ("before_commit", "after_commit")
] + ["purchase.before_commit", "callback.kept", "settle.before_commit"]
WORKER_POINTS = [
    f"{work}.{moment}"
    for work in (
        "store.orders.let_purchases_lapse",
        "buying.checkout.release_expired",
        "finder.index_on_postgres",
        "core.cli.fold_counts",
    )
    for moment in ("before_commit", "after_commit")
] + ["sweep.before_commit"]


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
    assert count(town, "SELECT count(*) FROM ledger_journals WHERE kind = 'order_paid'") == 200
    assert stock.sold == 200
    assert_sound(town)


def _reached(folder: Path, points: list[str]) -> list[str]:
    return [one for one in points if (folder / f"failpoint-{one}").exists()]


def _cancels(town: LiveTown, sku: str) -> None:
    guest = GuestBuyer(town)
    purchase_id = guest.places(sku)
    answer = guest.insist("POST", f"/purchases/{purchase_id}/cancellation", {}, uuid4().hex)
    assert answer.status_code in {201, 409}, "cancelled now, or by the try whose answer was lost"
    assert guest.get(f"/purchases/{purchase_id}").json()["status"] == "cancelled"


def _pays_by_callback(town: LiveTown, sku: str) -> None:
    guest = GuestBuyer(town)
    purchase_id = guest.places(sku)
    paying = guest.insist("POST", f"/purchases/{purchase_id}/payments", {"gateway": "sandbox"}, uuid4().hex).json()
    event = uuid4().hex

    def is_taken() -> bool:
        try:
            return callback(town, paying["id"], paying["amount"], event_id=event).status_code == 200
        except httpx.HTTPError:
            return False

    eventually(is_taken, 60)
    assert guest.get(f"/purchases/{purchase_id}").json()["status"] == "paid"


def test_a_death_at_every_named_point_of_buying_is_survived_by_a_retry(live: LiveTown, tmp_path: Path) -> None:
    live.env |= {"FAILPOINTS": ",".join(BUYING_POINTS), "FAILPOINTS_FOLDER": str(tmp_path)}
    town = live.start()
    sku = shop_with(town, stock=200)
    sold = 0
    while len(_reached(tmp_path, BUYING_POINTS)) < len(BUYING_POINTS) and sold < 40:
        assert GuestBuyer(town, 30).buys(sku) is not None
        _pays_by_callback(town, sku)
        _cancels(town, sku)
        sold += 2
    assert set(_reached(tmp_path, BUYING_POINTS)) == set(BUYING_POINTS), "a point that is never reached proves nothing"
    stock = stock_of(town, sku)
    assert (stock.all, stock.sold) == (200, sold)
    assert count(town, "SELECT count(*) FROM orders_purchases WHERE status = 'paid'") == sold
    assert count(town, "SELECT count(*) FROM ledger_journals WHERE kind = 'order_paid'") == sold
    assert_sound(town)


def test_a_death_at_every_named_point_of_the_worker_is_made_good_by_the_next_one(
    live: LiveTown, tmp_path: Path
) -> None:
    soon = {"UNPAID_SECONDS": "1", "CHECKOUT_HOLD_SECONDS": "2"}
    live.env |= {"FAILPOINTS": ",".join(WORKER_POINTS), "FAILPOINTS_FOLDER": str(tmp_path), **soon}
    town = live.start()
    sku = shop_with(town, stock=10)
    assert GuestBuyer(town).places(sku, quantity=3) is not None
    left = town.person().post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 2}]})
    assert left.status_code == 201, "left open, to be released by the sweep"
    end = time.monotonic() + 150
    while len(_reached(tmp_path, WORKER_POINTS)) < len(WORKER_POINTS) and time.monotonic() < end:
        if not town.children["worker"].alive():
            town.children["worker"].stop(1)
            town.start_worker()
        time.sleep(0.2)
    assert set(_reached(tmp_path, WORKER_POINTS)) == set(WORKER_POINTS), "a point that is never reached proves nothing"
    if not town.children["worker"].alive():
        town.start_worker()
    eventually(lambda: stock_of(town, sku).available == 10, seconds=60)
    assert count(town, "SELECT count(*) FROM orders_purchases WHERE status = 'lapsed'") == 1
    assert_sound(town)
