"""Scenarios of the whole store in short form (numbers as in the reliability scenarios); `--long` runs the long form."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core import clock
from tests.faults.crowd import GuestBuyer, all_at_once, shop_with
from tests.faults.invariants import assert_sound, connected, count
from tests.journeys.people import ADDRESS, Somebody, done
from tests.live import LiveTown, Visitor


@pytest.fixture
def town(live: LiveTown) -> Iterator[LiveTown]:
    yield live.start()


def _sold(town: LiveTown, units: int = 3) -> tuple[GuestBuyer, str]:
    """A guest and his paid order of so many units."""
    guest = GuestBuyer(town)
    purchase_id = guest.buys(shop_with(town, stock=50), units)
    return guest, done(guest.get(f"/purchases/{purchase_id}"))["orders"][0]["id"]


def _hands(town: LiveTown, guest: Visitor, many: int) -> list[Visitor]:
    """The same guest on so many connections."""
    token = str(guest.http.headers["Authorization"]).removeprefix("Bearer ")
    return [town.person(token) for _ in range(many)]


def test_19_one_key_sixty_four_times_at_once_cancels_pays_back_and_answers_once(town: LiveTown, long: bool) -> None:
    other, _ = _sold(town)
    for _ in range(20 if long else 2):
        guest, order = _sold(town)
        path, key = f"/orders/{order}/cancellation", uuid4().hex
        body = {"reason": "拍错了"}
        cancel = [partial(one.insist, "POST", path, body, key) for one in _hands(town, guest, 64)]
        answers = all_at_once(cancel, hands=64)
        assert {one.status_code for one in answers} == {201}
        assert len({one.text for one in answers}) == 1, "whoever asks again reads the same answer"
        assert guest.send("POST", path, {"reason": "别的"}, key).status_code == 422
        assert guest.send("POST", path, body, uuid4().hex).status_code == 409
        assert other.send("POST", path, body, key).status_code == 404, "never another's answer"
    rounds = 20 if long else 2
    assert count(town, "SELECT count(*) FROM refunds_grants") == rounds
    assert count(town, "SELECT count(*) FROM payments_refunds") == rounds
    assert_sound(town)


def test_of_refunds_asked_at_once_by_different_keys_the_units_go_back_once(town: LiveTown) -> None:
    guest, order = _sold(town, units=2)
    line = done(guest.get(f"/orders/{order}"))["lines"][0]["id"]
    wish = {"kind": "refund", "reason": "no_reason", "lines": [{"line_id": line, "units": 1}]}
    paths = [(f"/orders/{order}/aftersales", wish)] * 6 + [(f"/orders/{order}/cancellation", {})] * 2
    asked = [
        partial(one.insist, "POST", *what, uuid4().hex) for one, what in zip(_hands(town, guest, 8), paths, strict=True)
    ]
    answers = all_at_once(asked, hands=8)
    assert {one.status_code for one in answers} <= {201, 409}
    seen = done(guest.get(f"/orders/{order}"))
    assert (seen["payment"], seen["fulfilment"], seen["aftersale"]) == ("refunded", "cancelled", "refunded")
    assert seen["refunded"] == seen["total"] == count(town, "SELECT sum(amount) FROM payments_refunds")
    assert_sound(town)


def test_28_baskets_bought_paid_given_up_and_cancelled_in_random_order_never_deadlock(
    town: LiveTown, long: bool
) -> None:
    """Nor with offers that all of them use."""
    seller = Somebody(town)
    shops = [seller.opens_a_shop() for _ in range(3)]
    skus = [seller.lists(shops[n % 3], price=100 * n + 99, stock=100_000)["skus"][0]["id"] for n in range(8)]
    for shop in shops:
        done(seller.post(f"/shops/{shop}/promotions", _reduction()), 201)
    statuses = Counter(all_at_once([partial(_lives, town, skus, n) for n in range(2_000 if long else 96)], hands=24))
    assert set(statuses) == {"paid", "cancelled", "refunded"}
    assert "deadlock" not in town.log()
    with connected(town) as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        found = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert found.fetchone() == (0,)
    assert_sound(town)


def _reduction() -> dict[str, Any]:
    now = clock.now()
    window = {"starts_at": clock.iso(now - timedelta(hours=1)), "ends_at": clock.iso(now + timedelta(days=1))}
    terms = {"tiers": [{"above": 300, "off": 50}]}
    return {"kind": "shop_reduction", "name": "满减", "terms": terms, "budget": 10**8, "state": "running", **window}


def _lives(town: LiveTown, skus: list[str], number: int) -> str:
    """One guest with a basket of his own; answers how its payment ends."""
    chance, guest = random.Random(number), GuestBuyer(town)
    lines = [{"sku_id": one, "quantity": chance.randint(1, 3)} for one in chance.sample(skus, chance.randint(2, 8))]
    opened = done(guest.insist("POST", "/checkouts", {"lines": lines}), 201)
    guest.http.headers["Authorization"] = f"Bearer {opened['guest_token']}"
    path = f"/checkouts/{opened['id']}"
    done(guest.insist("PATCH", path, {"address": ADDRESS, "lines": lines[::-1]}))
    placed = done(guest.insist("POST", f"{path}/purchase", {}, uuid4().hex), 201)
    if number % 3 == 0:
        done(guest.insist("POST", f"/purchases/{placed['id']}/cancellation", {}, uuid4().hex), 201)
    else:
        _pays(guest, placed["id"])
    for order in placed["orders"] if number % 3 == 1 else ():
        done(guest.insist("POST", f"/orders/{order['id']}/cancellation", {}, uuid4().hex), 201)
    payments = {done(guest.get(f"/orders/{one['id']}"))["payment"] for one in placed["orders"]}
    guest.http.close()
    assert len(payments) == 1, payments
    return str(payments.pop())


def _pays(guest: GuestBuyer, purchase_id: str) -> None:
    path = f"/purchases/{purchase_id}/payments"
    paying: httpx.Response = guest.insist("POST", path, {"gateway": "sandbox"}, uuid4().hex)
    done(guest.insist("POST", f"/sandbox/payments/{done(paying, 201)['id']}/outcome", {"outcome": "paid"}))
