"""Stock: what is taken comes from somewhere, and goes back there once."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.inventory import actions, queries
from app.store.inventory.models import COMMITTED, RELEASED, Movement


def stocked(*units: int) -> list[UUID]:
    """New SKUs with so many units each, in the order of their ids."""
    skus = sorted(new_id() for _ in units)
    in_transaction(lambda: actions.set_stocks(dict(zip(skus, units, strict=True))))
    return skus


def checkout() -> Ref:
    return Ref("checkout", new_id())


def held(subject: Ref, *wants: tuple[UUID, int], seconds: int = 600, releasing: tuple[Ref, ...] = ()) -> list[UUID]:
    return in_transaction(lambda: actions.hold(subject, wants, seconds, releasing))


def left(sku: UUID) -> int:
    return queries.available([sku])[sku]


def facts() -> list[str]:
    return list(db.session.scalars(text("SELECT name FROM core_events ORDER BY id")))


def test_a_hold_lowers_what_is_available_and_its_release_puts_it_back(app: Flask) -> None:
    [sku] = stocked(10)
    buyer = checkout()
    held(buyer, (sku, 3))
    assert left(sku) == 7
    assert in_transaction(lambda: actions.release_holds(buyer)) == 1
    assert left(sku) == 10
    assert [one.state for one in queries.holds_of(buyer)] == [RELEASED]


def test_what_is_committed_is_sold_and_is_not_put_back(app: Flask) -> None:
    [sku] = stocked(10)
    buyer = checkout()
    held(buyer, (sku, 4))
    assert in_transaction(lambda: actions.commit_holds(buyer)) == 1
    assert in_transaction(lambda: actions.release_holds(buyer)) == 0
    assert in_transaction(lambda: actions.commit_holds(buyer)) == 0
    assert (left(sku), queries.units_sold([sku]), queries.units_held([sku])) == (6, {sku: 4}, {})
    assert [one.state for one in queries.holds_of(buyer)] == [COMMITTED]


def test_a_release_puts_back_once_however_often_it_is_asked_for(app: Flask) -> None:
    [sku] = stocked(5)
    buyer = checkout()
    held(buyer, (sku, 5))
    assert [in_transaction(lambda: actions.release_holds(buyer)) for _ in range(3)] == [1, 0, 0]
    assert left(sku) == 5


def test_the_ids_of_holds_come_in_the_order_of_the_wants(app: Flask) -> None:
    low, high = stocked(5, 5)
    buyer = checkout()
    ids = held(buyer, (high, 1), (low, 2), (high, 3))
    by_id = {one.id: (one.sku_id, one.quantity) for one in queries.holds_of(buyer)}
    assert [by_id[one] for one in ids] == [(high, 1), (low, 2), (high, 3)]
    assert (left(low), left(high)) == (3, 1)


def test_a_basket_that_lacks_one_thing_takes_nothing_and_names_it(app: Flask) -> None:
    plenty, scarce, none = stocked(10, 1, 0)
    stranger = new_id()
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: actions.hold(checkout(), [(plenty, 1), (scarce, 2), (none, 1), (stranger, 1)], 60))
    assert (refused.value.status, refused.value.code) == (409, "sold_out")
    assert refused.value.errors == {"sku_id": [str(scarce), str(none), str(stranger)]}
    assert queries.available([plenty, scarce, none]) == {plenty: 10, scarce: 1, none: 0}


def test_a_refused_hold_leaves_nothing_even_if_its_transaction_goes_on(app: Flask) -> None:
    plenty, scarce = stocked(10, 1)
    buyer = checkout()

    def work() -> None:
        with pytest.raises(Refused):
            actions.hold(buyer, [(plenty, 1), (scarce, 2)], 60)

    in_transaction(work)
    assert (left(plenty), left(scarce), queries.holds_of(buyer)) == (10, 1, [])


def test_one_thing_twice_in_a_basket_counts_together(app: Flask) -> None:
    [sku] = stocked(5)
    with pytest.raises(Refused) as refused:
        held(checkout(), (sku, 3), (sku, 3))
    assert refused.value.errors == {"sku_id": [str(sku)]}
    held(checkout(), (sku, 3), (sku, 2))
    assert left(sku) == 0


def test_a_purchase_takes_over_the_holds_of_its_checkout_without_touching_stock(app: Flask) -> None:
    first, second = stocked(5, 5)
    buyer, purchase = checkout(), Ref("purchase", new_id())
    held(buyer, (first, 1), (second, 2), seconds=60)
    before = {one.id: one.expires_at for one in queries.holds_of(buyer)}
    assert in_transaction(lambda: actions.pass_on_holds(buyer, purchase, 1800)) == 2
    assert queries.holds_of(buyer) == []
    after = {one.id: one.expires_at for one in queries.holds_of(purchase)}
    assert after.keys() == before.keys() and all(after[one] > before[one] for one in after)
    assert in_transaction(lambda: actions.release_holds(buyer)) == 0
    assert (left(first), left(second)) == (4, 3)
    assert in_transaction(lambda: actions.pass_on_holds(buyer, purchase, 1800)) == 0


def test_a_deadline_can_be_moved(app: Flask) -> None:
    [sku] = stocked(5)
    buyer = checkout()
    held(buyer, (sku, 1), seconds=60)
    [before] = queries.holds_of(buyer)
    was = before.expires_at
    later = was + timedelta(seconds=600)
    assert in_transaction(lambda: actions.extend_holds(buyer, later)) == 1
    [after] = queries.holds_of(buyer)
    assert after.expires_at == later
    in_transaction(lambda: actions.release_holds(buyer))
    assert in_transaction(lambda: actions.extend_holds(buyer, was)) == 0, "what was given back has none"


def test_an_edit_gives_the_old_basket_back_and_takes_the_new_one_at_once(app: Flask) -> None:
    old, both = stocked(2, 5)
    buyer = checkout()
    held(buyer, (old, 2), (both, 5))
    held(buyer, (both, 4), releasing=(buyer,))
    assert (left(old), left(both)) == (2, 1)
    with pytest.raises(Refused):
        held(buyer, (both, 6), releasing=(buyer,))
    assert (left(old), left(both)) == (2, 1)
    assert queries.units_held([old, both]) == {both: 4}


def test_a_whole_batch_is_released_in_one_statement(app: Flask) -> None:
    first, second = stocked(9, 9)
    buyers = [checkout() for _ in range(3)]
    for one in buyers:
        held(one, (second, 1), (first, 2))
    assert in_transaction(lambda: actions.release_holds(*buyers)) == 6
    assert (left(first), left(second)) == (9, 9)
    assert in_transaction(lambda: actions.release_holds()) == 0


def test_setting_the_stock_sets_what_is_available_and_leaves_holds_alone(app: Flask) -> None:
    [sku] = stocked(10)
    buyer = checkout()
    held(buyer, (sku, 4))
    in_transaction(lambda: actions.set_stock(sku, 3))
    assert (left(sku), queries.units_held([sku])) == (3, {sku: 4})
    in_transaction(lambda: actions.release_holds(buyer))
    assert left(sku) == 7


@pytest.mark.parametrize("units", [-1, 3 * 10**9])
def test_a_stock_out_of_range_is_refused_by_the_database(app: Flask, units: int) -> None:
    from_start = stocked(10)
    with pytest.raises(Exception, match="ck_inventory_stock_available"):
        in_transaction(lambda: actions.set_stock(from_start[0], units))
    assert left(from_start[0]) == 10


def test_it_is_told_when_the_last_unit_goes_and_when_there_is_one_again(app: Flask) -> None:
    [sku] = stocked(2)
    assert facts() == []
    buyer = checkout()
    held(checkout(), (sku, 1))
    assert facts() == []
    held(buyer, (sku, 1))
    assert facts() == ["StockRanOut"]
    in_transaction(lambda: actions.release_holds(buyer))
    in_transaction(lambda: actions.set_stock(sku, 0))
    in_transaction(lambda: actions.set_stock(sku, 0))
    in_transaction(lambda: actions.set_stock(sku, 8))
    assert facts() == ["StockRanOut", "StockReturned", "StockRanOut", "StockReturned"]


def test_the_movements_of_a_sku_add_up_to_what_is_available(app: Flask) -> None:
    [sku] = stocked(7)
    buyer, other = checkout(), checkout()
    held(buyer, (sku, 2))
    held(other, (sku, 1))
    in_transaction(lambda: actions.release_holds(buyer))
    in_transaction(lambda: actions.set_stock(sku, 20))
    log = db.session.execute(select(Movement.delta, Movement.reason).order_by(Movement.id)).all()
    assert log == [(7, "set"), (-2, "held"), (-1, "held"), (2, "released"), (14, "set")]
    assert sum(row.delta for row in log) == left(sku) == 20


BASKETS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("hold"), st.integers(0, 3), BASKETS),
    st.tuples(st.just("release"), st.integers(0, 3)),
    st.tuples(st.just("commit"), st.integers(0, 3)),
    st.tuples(st.just("pass on"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("edit"), st.integers(0, 3), BASKETS),
    st.tuples(st.just("set"), st.integers(0, 2), st.integers(0, 9)),
)


@given(st.lists(STEPS, max_size=14))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sold_and_held_and_available_always_add_up_to_what_was_put_there(app: Flask, steps: list[tuple]) -> None:
    skus = stocked(6, 6, 6)
    put_there = dict.fromkeys(skus, 6)
    subjects = [checkout() for _ in range(4)]

    def follow(step: tuple) -> None:
        if step[0] in {"hold", "edit"}:
            wants = [(skus[which], units) for which, units in step[2]]
            actions.hold(subjects[step[1]], wants, 60, [subjects[step[1]]] if step[0] == "edit" else [])
        elif step[0] == "set":
            sku = skus[step[1]]
            put_there[sku] += step[2] - left(sku)
            actions.set_stock(sku, step[2])
        elif step[0] == "pass on":
            actions.pass_on_holds(subjects[step[1]], subjects[step[2]], 60)
        else:
            {"release": actions.release_holds, "commit": actions.commit_holds}[step[0]](subjects[step[1]])

    for step in steps:
        try:
            in_transaction(lambda step=step: follow(step))
        except Refused as refused:
            assert refused.code == "sold_out"
        held_now, sold, free = queries.units_held(skus), queries.units_sold(skus), queries.available(skus)
        moved = dict(
            db.session.execute(select(Movement.sku_id, func.sum(Movement.delta)).group_by(Movement.sku_id)).all()
        )
        for sku in skus:
            assert free[sku] + held_now.get(sku, 0) + sold.get(sku, 0) == put_there[sku]
            assert free[sku] >= 0 and moved[sku] == free[sku]
        db.session.rollback()
