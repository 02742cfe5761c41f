"""More of the reliability scenarios in short form (numbers as there); `--long` runs the long form."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import httpx
import pytest

from app.core.server.redis import EmbeddedRedis
from tests.faults.crowd import GuestBuyer, all_at_once, shop_with
from tests.faults.invariants import assert_sound, connected, count, stock_of
from tests.journeys.people import ADDRESS, Somebody, callback, done, eventually
from tests.live import LiveTown


@pytest.fixture
def town(live: LiveTown) -> Iterator[LiveTown]:
    yield live.start()


def test_9_a_thousand_deliveries_of_one_callback_settle_once(town: LiveTown, long: bool) -> None:
    guest = GuestBuyer(town)
    purchase_id = guest.places(shop_with(town, stock=5, price=700))
    paying = guest.insist("POST", f"/purchases/{purchase_id}/payments", {"gateway": "sandbox"}, uuid4().hex).json()
    event = uuid4().hex
    deliver = partial(callback, town, paying["id"], 700, event_id=event)
    answers = all_at_once([deliver] * (10_000 if long else 1_000), hands=64)
    assert {one.status_code for one in answers} == {200}, "no duplicate is sent again by the provider"
    assert count(town, "SELECT count(*) FROM payments_callbacks") == 1
    assert count(town, "SELECT count(*) FROM ledger_journals") == 1
    assert_sound(town)


def test_11_no_forged_expired_or_wrong_callback_is_accepted(town: LiveTown) -> None:
    guest = GuestBuyer(town)
    purchase_id = guest.places(shop_with(town, stock=5, price=700))
    paying = guest.insist("POST", f"/purchases/{purchase_id}/payments", {"gateway": "sandbox"}, uuid4().hex).json()
    now = time.time()
    wrong = [callback(town, paying["id"], amount) for amount in (699, 701, 0, 70_000)]
    stale = [callback(town, paying["id"], 700, at=now + shift) for shift in (-301, -3600, 400)]
    url = f"{town.url}/api/v1/callbacks/sandbox"
    body = b'{"event_id":"e","payment_id":"%s","outcome":"paid","amount":700}' % paying["id"].encode()
    marks = ["", f"t={int(now)},v1=", f"t={int(now)},v1={'0' * 64}", "v1=x", f"t=x,v1={'0' * 64}", "t=1,t=2,v1=é"]
    forged = [
        httpx.post(url, content=body, headers=[(b"Sandbox-Signature", mark.encode())], timeout=10) for mark in marks
    ]
    assert all(400 <= one.status_code < 500 for one in [*wrong, *stale, *forged])
    assert guest.get(f"/purchases/{purchase_id}").json()["status"] == "unpaid"
    assert count(town, "SELECT count(*) FROM ledger_journals") == 0
    assert_sound(town)


def test_14_of_two_sessions_one_gets_the_last_unit_and_one_cart_makes_one_order(town: LiveTown, long: bool) -> None:
    sku = shop_with(town, stock=0)
    merchant_sql = (
        "WITH put AS (UPDATE inventory_stock SET available = available + 1 WHERE sku_id = %s RETURNING sku_id)"
        " INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind) SELECT sku_id, 1, 'received', 'system'"
        " FROM put"
    )
    for _ in range(200 if long else 30):
        with connected(town) as connection:
            connection.execute(merchant_sql, [sku])
        pair = [GuestBuyer(town), GuestBuyer(town)]
        bought = all_at_once([partial(one.buys, sku) for one in pair], hands=2)
        assert sum(one is not None for one in bought) == 1
        for one in pair:
            one.http.close()
    buyer = Somebody(town)
    other = shop_with(town, stock=100)
    for _ in range(5):
        opened = done(buyer.post("/checkouts", {"lines": [{"sku_id": other, "quantity": 1}]}), 201)
        done(buyer.patch(f"/checkouts/{opened['id']}", {"address": ADDRESS}))
        place = partial(buyer.post, f"/checkouts/{opened['id']}/purchase", {})
        answers = all_at_once([partial(place, key=uuid4().hex) for _ in range(2)], hands=2)
        assert sorted(one.status_code for one in answers) == [201, 409]
    assert count(town, "SELECT count(*) FROM orders_purchases WHERE buyer_kind = 'person'") == 5
    assert_sound(town)


def test_13_a_hot_sku_is_sold_out_exactly(town: LiveTown, long: bool) -> None:
    """Long: 50 rounds of 9,984 buyers of 500 units over 64 connections.

    Short: 3 rounds of 640 buyers of 100 units, a fifth of the stock, over as many connections; 500 take 11 s a round.
    """
    rounds, stock, guests = (50, 500, 156) if long else (3, 100, 10)
    lines = [GuestBuyer(town) for _ in range(64)]
    for _ in range(rounds):
        sku = shop_with(town, stock)
        bought = all_at_once([partial(line.buys_for_many, sku, guests) for line in lines], hands=64)
        assert sum(bought) == stock
        assert (stock_of(town, sku).available, stock_of(town, sku).sold) == (0, stock)
    assert_sound(town)


def test_19_a_kept_answer_lasts_a_day_and_is_nobody_elses(town: LiveTown) -> None:
    ann, ben = Somebody(town), Somebody(town)
    first = done(ann.post("/shops", {"name": "一号店"}, key="k"), 201)
    assert done(ann.post("/shops", {"name": "一号店"}, key="k"), 201) == first
    assert done(ben.post("/shops", {"name": "一号店"}, key="k"), 201)["id"] != first["id"]
    assert ann.post("/shops", {"name": "二号店"}, key="k").status_code == 422
    with connected(town) as connection:
        connection.execute("UPDATE core_kept_answers SET at = at - interval '24 hours 1 second'")
    assert done(ann.post("/shops", {"name": "二号店"}, key="k"), 201)["id"] != first["id"]


def test_2_a_graceful_stop_under_load_drops_no_request_and_a_dead_master_is_replaced(town: LiveTown) -> None:
    sku = shop_with(town, stock=100)
    buyers = [GuestBuyer(town) for _ in range(8)]

    def restart() -> None:
        master = town.children["web"].pid
        assert master
        os.kill(master, signal.SIGHUP)  # gunicorn's rolling restart: new workers, old ones finish what they do
        return

    answers = all_at_once([restart, *[partial(one.buys, sku) for one in buyers]], hands=9)
    assert None not in answers[1:]
    assert stock_of(town, sku).sold == 8
    assert_sound(town)


def test_8_with_redis_and_elasticsearch_both_away_people_browse_buy_pay_and_moderate(
    live: LiveTown, own_redis: EmbeddedRedis
) -> None:
    live.env |= {"REDIS_URL": own_redis.url(), "ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    town = live.start()
    own_redis.stop()
    merchant, kol, moderator = Somebody(town), Somebody(town), Somebody(town)
    product = merchant.lists(merchant.opens_a_shop())
    post = kol.publishes(product["id"])
    code = post["tags"][0]["link"]["code"]
    guest = town.person()
    eventually(lambda: product["id"] in guest.get("/search/products?q=羊毛围巾").text, 30)
    assert guest.get("/search/products?q=羊毛围巾").headers["Search-Engine"] == "postgres"
    assert post["id"] in guest.get("/feed/explore").text
    assert Somebody(town).buys(code, product["skus"][0]["id"])["status"] == "paid"
    with connected(town) as connection:
        role = "INSERT INTO accounts_roles (person_id, role) VALUES (%s, 'moderator')"
        connection.execute(role, [moderator.id])
    done(moderator.post("/desk/takedowns", {"kind": "post", "id": post["id"], "reason": "广告"}), 201)
    assert guest.get(f"/posts/{post['id']}").status_code == 404
    assert_sound(town)
