"""What a shop does with its stock: put back once, received, moved, watched; and how much one may hold."""

from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.caller import GUEST, PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.core.events import kind_of
from app.core.ids import new_id
from app.store.inventory import actions, queries
from app.store.inventory.models import MOST_BASKETS_OF_DEVICE, MOST_UNITS_HELD, HeldFor, Movement, held_for
from app.store.shops.models import PACKER
from tests import make
from tests.client import Client
from tests.statements import statements
from tests.store.racing import refusals, together

PLACE = {"province": "浙江", "city": "杭州", "street": "文三路 1 号"}


def stocked(*units: int) -> list[UUID]:
    skus = [new_id() for _ in units]
    in_transaction(lambda: actions.set_stocks(dict(zip(skus, units, strict=True))))
    return skus


def left(sku: UUID) -> int:
    return queries.available([sku])[sku]


def told() -> list[str]:
    return [row.name for row in db.session.query(EventRow).order_by(EventRow.id) if row.name.startswith("Stock")]


def put_back(sku: UUID, case: Ref, units: int) -> int:
    return in_transaction(lambda: actions.restock({sku: units}, case, "returned"))


def held(subject: Ref, sku: UUID, units: int, who: HeldFor | None = None) -> None:
    in_transaction(lambda: actions.hold(subject, [(sku, units)], 600, who=who))


def test_what_is_taken_out_is_taken_once_all_or_none_and_never_below_nothing(app: Flask) -> None:
    first, second = stocked(5, 1)
    case = Ref("case", new_id())
    for _ in range(2):
        in_transaction(lambda: actions.take_out({first: 2, second: 1}, case, "exchanged"))
        assert (left(first), left(second)) == (3, 0)
    assert "StockRanOut" in told()
    other = Ref("case", new_id())
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: actions.take_out({first: 1, second: 1}, other, "exchanged"))
    assert (refused.value.code, refused.value.errors) == ("sold_out", {"sku_id": [str(second)]})
    assert (left(first), left(second)) == (3, 0)
    with pytest.raises(Refused):
        in_transaction(lambda: actions.take_out({new_id(): 1}, other, "exchanged"))
    with pytest.raises(ValueError, match="damaged"):
        actions.take_out({first: 1}, case, "damaged")


def test_of_many_who_take_the_last_ones_out_at_once_so_many_do_as_there_are(app: Flask) -> None:
    [sku] = stocked(2)

    def take() -> None:
        in_transaction(lambda: actions.take_out({sku: 1}, Ref("case", new_id()), "exchanged"))

    assert refusals(together(app, *[take] * 4)) == ["sold_out"] * 2
    assert left(sku) == 0


def test_what_comes_back_is_put_back_once_for_a_reason_however_often_it_is_told(app: Flask) -> None:
    first, second = stocked(5, 0)
    case = Ref("return", new_id())
    for _ in range(3):
        in_transaction(lambda: actions.restock({first: 2, second: 1}, case, "returned"))
    assert (left(first), left(second)) == (7, 1)
    in_transaction(lambda: actions.restock({first: 2}, case, "cancelled"))
    in_transaction(lambda: actions.restock({first: 1}, Ref("return", new_id()), "returned"))
    assert left(first) == 10
    with pytest.raises(ValueError, match="damaged"):
        actions.restock({first: 1}, case, "damaged")
    assert "StockReturned" in told()


def test_of_many_who_put_the_same_back_at_once_one_does(app: Flask) -> None:
    for _ in range(5):
        [sku] = stocked(0)
        case = Ref("return", new_id())
        found = together(app, *[partial(put_back, sku, case, 3)] * 6)
        assert sorted(found) == [0, 0, 0, 0, 0, 1] and left(sku) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 9)), max_size=12))
def test_stock_is_what_its_movements_add_up_to_whatever_comes_back(app: Flask, returns: list[tuple]) -> None:
    skus = stocked(3, 0, 7)
    cases = [Ref("return", new_id()) for _ in range(4)]
    wanted = dict(zip(skus, (3, 0, 7), strict=True))
    seen = set()
    for which, case, units in returns:
        put_back(skus[which], cases[case], units)
        if (which, case) not in seen:
            wanted[skus[which]] += units
        seen.add((which, case))
    for sku in skus:
        moved = sum(one.delta for one in db.session.query(Movement).where(Movement.sku_id == sku))
        assert left(sku) == wanted[sku] == moved


def test_staff_note_what_came_in_and_what_is_lost_and_never_more_than_is_there(client: Client) -> None:
    goods = make.product(stock=5)
    owner, path = client.as_(goods.shop.owner.token), f"/skus/{goods.sku_id}/movements"
    assert owner.post(path, {"reason": "received", "units": 7}).json == {"available": 12}
    assert owner.post(path, {"reason": "damaged", "units": 2, "why": "受潮"}).json == {"available": 10}
    refused = owner.post(path, {"reason": "damaged", "units": 11})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["stock"])
    assert owner.post(path, {"reason": "held", "units": 1}).status_code == 422
    listed = owner.get(path).json["items"]
    assert [(one["delta"], one["reason"], one["why"]) for one in listed] == [
        (-2, "damaged", "受潮"),
        (7, "received", ""),
        (5, "set", ""),
    ]
    packer = client.as_(make.worker(goods.shop, PACKER).token)
    assert (packer.get(path).status_code, packer.post(path, {"reason": "received", "units": 1}).status_code) == (
        200,
        403,
    )
    first = owner.get(f"{path}?limit=2").json
    assert owner.get(f"{path}?limit=2&cursor={first['next']}").json["items"] == listed[2:]


def test_stock_that_is_set_by_what_was_seen_never_puts_back_what_was_sold(client: Client) -> None:
    goods = make.product(stock=5)
    owner = client.as_(goods.shop.owner.token)
    held(Ref("checkout", new_id()), goods.sku_id, 2)
    refused = owner.patch(f"/skus/{goods.sku_id}", {"stock": 10, "seen": 5, "price": 1})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["stock"])
    assert left(goods.sku_id) == 3
    assert owner.patch(f"/skus/{goods.sku_id}", {"stock": 10, "seen": 3}).json["stock"] == 10


def test_goods_move_to_another_warehouse_as_two_movements_and_none_is_lost(client: Client) -> None:
    goods = make.product(stock=5)
    owner, shop = client.as_(goods.shop.owner.token), f"/shops/{goods.shop.id}"
    first = owner.post(f"{shop}/warehouses", {"name": "杭州仓", "address": PLACE}).json
    second = owner.post(f"{shop}/warehouses", {"name": "广州仓", "address": PLACE}).json
    assert (first["is_default"], second["is_default"], second["is_open"]) == (True, False, True)
    body = {"warehouse_id": second["id"], "sku_ids": [str(goods.sku_id)]}
    assert owner.post(f"{shop}/transfers", body).json == {"moved": 1}
    assert owner.post(f"{shop}/transfers", body).json == {"moved": 0}
    held(Ref("checkout", new_id()), goods.sku_id, 1)
    found = owner.get(f"/skus/{goods.sku_id}/movements").json["items"]
    assert [(one["delta"], one["reason"], one["warehouse_id"]) for one in found] == [
        (-1, "held", second["id"]),
        (5, "moved", second["id"]),
        (-5, "moved", None),
        (5, "set", None),
    ]
    assert left(goods.sku_id) == 4
    other = make.product()
    refused = owner.post(f"{shop}/transfers", {**body, "sku_ids": [str(other.sku_id)]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["sku_ids"])


def test_a_shop_has_one_default_warehouse_and_it_stays_open(client: Client) -> None:
    shop = make.shop()
    owner, path = client.as_(shop.owner.token), f"/shops/{shop.id}/warehouses"
    first = owner.post(path, {"name": "甲", "address": PLACE}).json
    second = owner.post(path, {"name": "乙", "address": PLACE, "is_default": True}).json
    assert [(one["name"], one["is_default"]) for one in owner.get(path).json["items"]] == [("乙", True), ("甲", False)]
    assert owner.patch(f"{path}/{second['id']}", {"is_open": False}).status_code == 409
    closed = owner.patch(f"{path}/{first['id']}", {"is_open": False, "name": "旧仓"}).json
    assert (closed["is_open"], closed["name"]) == (False, "旧仓")
    assert owner.post(path, {"name": "乙", "address": PLACE}).status_code == 422
    goods = make.product(shop)
    body = {"warehouse_id": first["id"], "sku_ids": [str(goods.sku_id)]}
    assert owner.post(f"/shops/{shop.id}/transfers", body).status_code == 422


def test_a_shop_is_told_once_when_stock_runs_low_and_once_when_it_is_refilled(app: Flask) -> None:
    [sku] = stocked(10)
    in_transaction(lambda: actions.watch_stock(sku, 3))
    before = len(told())
    basket = Ref("checkout", new_id())
    for units in (6, 1, 1):
        held(basket, sku, units)
    in_transaction(lambda: actions.release_holds(basket))
    in_transaction(lambda: actions.set_stock(sku, 2))
    in_transaction(lambda: actions.hold(Ref("checkout", new_id()), [(sku, 2)], 600))
    assert told()[before:] == ["StockRanLow", "StockRefilled", "StockRanLow", "StockRanOut"]
    assert kind_of("StockRanLow")


def test_one_buyer_holds_no_more_of_one_thing_than_the_house_allows(app: Flask) -> None:
    sku, other = stocked(9000, 10)
    buyer, basket = HeldFor(new_id(), new_id()), Ref("checkout", new_id())
    held(basket, sku, MOST_UNITS_HELD - 1, buyer)
    queries.require_few_holds(buyer, [(sku, 1), (other, 5)])
    with pytest.raises(Refused) as refused:
        queries.require_few_holds(buyer, [(sku, 2)])
    assert (refused.value.code, refused.value.errors) == ("too_much_held", {"sku_id": [str(sku)]})
    queries.require_few_holds(buyer, [(sku, 2)], releasing=[basket])
    queries.require_few_holds(HeldFor(new_id(), None), [(sku, 2)])
    in_transaction(lambda: actions.release_holds(basket))
    queries.require_few_holds(buyer, [(sku, MOST_UNITS_HELD)])


def test_one_device_holds_only_so_much_whoever_sits_there(app: Flask) -> None:
    [sku] = stocked(1000)
    device = new_id()
    for _ in range(MOST_BASKETS_OF_DEVICE):
        held(Ref("checkout", new_id()), sku, 1, HeldFor(new_id(), device))
    with pytest.raises(Refused), statements() as seen:
        queries.require_few_holds(HeldFor(new_id(), device), [(sku, 1)])
    assert len(seen) == 1
    queries.require_few_holds(HeldFor(new_id(), new_id()), [(sku, 1)])


def test_a_device_counts_with_its_address_and_a_hold_knows_who_is_behind_it(app: Flask) -> None:
    one = held_for(Caller(person_id=UUID(int=1), device="电话", ip="10.0.0.1"))
    assert one.buyer_id == UUID(int=1) and one == held_for(Caller(person_id=UUID(int=1), device="电话", ip="10.0.0.1"))
    assert one.device_id != held_for(Caller(device="电话", ip="10.0.0.2")).device_id
    assert held_for(Caller()) == HeldFor(None, None)
    [sku] = stocked(5)
    basket = Ref("checkout", new_id())
    held(basket, sku, 2, one)
    in_transaction(lambda: actions.pass_on_holds(basket, Ref("purchase", basket.id), 60))
    [hold] = queries.holds_of(Ref("purchase", basket.id))
    assert (hold.buyer_id, hold.device_id) == one
    assert (PERSON, GUEST) == ("person", "guest")
