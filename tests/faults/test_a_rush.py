"""Many people want the same thing in the same moment."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest

from app.buying.checkout.actions import MOST_OPEN
from app.store.inventory.models import MOST_UNITS_HELD
from tests.faults.crowd import GuestBuyer, all_at_once, shop_with
from tests.faults.invariants import assert_sound, count, stock_of
from tests.journeys.people import ADDRESS, Somebody, callback, done
from tests.live import LiveTown


@pytest.fixture
def town(live: LiveTown) -> Iterator[LiveTown]:
    yield live.start()


def test_a_hundred_buyers_of_the_last_ten_units_make_ten_orders_in_every_round(
    town: LiveTown, pytestconfig: pytest.Config
) -> None:
    for _ in range(20 if pytestconfig.getoption("--long") else 4):
        sku = shop_with(town, stock=10)
        buyers = [GuestBuyer(town) for _ in range(100)]
        bought = all_at_once([partial(buyer.buys, sku) for buyer in buyers])
        assert sum(one is not None for one in bought) == 10
        refusals = {buyer.refused.json()["code"] for buyer in buyers if buyer.refused is not None}
        assert refusals == {"sold_out"}
        stock = stock_of(town, sku)
        assert (stock.available, stock.held, stock.sold) == (0, 0, 10)
    assert_sound(town)


def test_twenty_parallel_purchases_with_one_key_are_one_and_another_body_is_refused(town: LiveTown) -> None:
    merchant, buyer = Somebody(town), Somebody(town)
    sku = merchant.lists(merchant.opens_a_shop())["skus"][0]["id"]
    opened = done(buyer.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}), 201)
    done(buyer.patch(f"/checkouts/{opened['id']}", {"address": ADDRESS}))
    path = f"/checkouts/{opened['id']}/purchase"
    visitors = [town.person(buyer.tokens["access_token"]) for _ in range(20)]
    answers = all_at_once([partial(one.insist, "POST", path, {}, "the-key") for one in visitors])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert buyer.post(path, {"expected_total": 1}, key="the-key").status_code == 422
    assert buyer.post(path, {}, key="another").status_code == 409
    assert_sound(town)


def test_a_valid_callback_fifty_times_settles_once_and_a_wrong_amount_never(town: LiveTown) -> None:
    merchant, buyer = Somebody(town), Somebody(town)
    product = merchant.lists(merchant.opens_a_shop(), price=5000)
    code = merchant.publishes(product["id"])["tags"][0]["link"]["code"]
    unpaid = buyer.buys(code, product["skus"][0]["id"], pay=False)
    payment = done(buyer.post(f"/purchases/{unpaid['id']}/payments", {"gateway": "sandbox"}, key="p"), 201)
    assert callback(town, payment["id"], 4999).status_code >= 400
    assert done(buyer.get(f"/purchases/{unpaid['id']}"))["status"] == "unpaid"
    event = uuid4().hex
    answers = all_at_once([partial(callback, town, payment["id"], 5000, event_id=event)] * 50)
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    assert done(buyer.get(f"/purchases/{unpaid['id']}"))["status"] == "paid"
    assert callback(town, payment["id"], 5000, outcome="failed").status_code < 500
    assert callback(town, payment["id"], 5000, at=1_000_000).status_code in {400, 401}
    assert done(buyer.get(f"/purchases/{unpaid['id']}"))["status"] == "paid"
    assert count(town, "SELECT count(*) FROM payments_payments WHERE state = 'paid'") == 1
    assert count(town, "SELECT count(*) FROM ledger_journals WHERE kind = 'order_paid'") == 1
    assert count(town, "SELECT count(*) FROM core_events WHERE name = 'OrderPaid'") == 1
    assert_sound(town)


def test_baskets_in_random_order_never_deadlock(town: LiveTown) -> None:
    merchant = Somebody(town)
    shop = merchant.opens_a_shop()
    skus = [merchant.lists(shop, stock=10_000)["skus"][0]["id"] for _ in range(6)]

    def basket(number: int) -> int:
        order = sorted(skus, key=lambda sku: hash((sku, number)))[: 2 + number % 5]
        lines = [{"sku_id": sku, "quantity": 1} for sku in order]
        return town.person().post("/checkouts", {"lines": lines}).status_code

    assert set(all_at_once([partial(basket, number) for number in range(120)], hands=16)) == {201}
    assert "deadlock" not in town.log()


def test_thirty_holds_of_one_person_at_once_keep_to_what_one_person_may_hold(town: LiveTown) -> None:
    """Five checkouts, the newest; and of one thing no more than MOST_UNITS_HELD, whichever of them come first."""
    buyer, at_once = Somebody(town), 30
    hands = [town.person(buyer.tokens["access_token"]) for _ in range(at_once)]
    for lines, opened, held in (([1], at_once, MOST_OPEN), ([60, 60], 4, 480)):
        sku = shop_with(town, stock=10_000)
        body = {"lines": [{"sku_id": sku, "quantity": units} for units in lines]}
        answers = all_at_once([partial(one.insist, "POST", "/checkouts", body) for one in hands], hands=at_once)
        refused = [one.json()["code"] for one in answers if one.status_code != 201]
        assert (len(answers) - len(refused), set(refused) <= {"too_much_held"}) == (opened, True), refused
        stock = stock_of(town, sku)
        assert (stock.held, stock.available) == (held, 10_000 - held)
        assert held <= MOST_UNITS_HELD
        assert count(town, "SELECT count(*) FROM checkout_checkouts WHERE state = 'open'") <= MOST_OPEN
    assert_sound(town)
