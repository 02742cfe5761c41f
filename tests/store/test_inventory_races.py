"""Stock under many hands at once: never oversold, never deadlocked, never given back twice."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask

from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.inventory import actions, queries
from tests.store.counting import queries_in
from tests.store.racing import patience

HANDS = 7


def all_at_once(app: Flask, works: list[Callable[[], object]], tries: int = 1) -> list[object]:
    """Do all works on several connections at once; answers what each answered, or the Refused that it met."""

    def one(work: Callable[[], object]) -> object:
        with app.app_context():
            try:
                return in_transaction(work, tries=tries)
            except Refused as refused:
                return refused

    with patience(app), ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(one, works))


def stocked(*units: int) -> list[UUID]:
    skus = [new_id() for _ in units]
    in_transaction(lambda: actions.set_stocks(dict(zip(skus, units, strict=True))))
    return skus


def checkout() -> Ref:
    return Ref("checkout", new_id())


def balance(skus: list[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """(available, held, sold) by SKU."""
    free, held, sold = queries.available(skus), queries.units_held(skus), queries.units_sold(skus)
    return {one: (free[one], held.get(one, 0), sold.get(one, 0)) for one in skus}


def test_a_hundred_buyers_of_the_last_ten_units_get_exactly_ten(app: Flask) -> None:
    for _ in range(5):
        [sku] = stocked(10)
        found = all_at_once(app, [lambda sku=sku: actions.hold(checkout(), [(sku, 1)], 600) for _ in range(100)])
        refusals = [one for one in found if isinstance(one, Refused)]
        assert len(found) - len(refusals) == 10
        assert {one.code for one in refusals} == {"sold_out"}
        assert balance([sku]) == {sku: (0, 10, 0)}


def test_a_hundred_baskets_with_the_last_ten_units_in_them_get_exactly_ten(app: Flask) -> None:
    scarce, plenty = stocked(10, 1000)
    wants = [(plenty, 1), (scarce, 1)]
    found = all_at_once(app, [lambda: actions.hold(checkout(), wants, 600) for _ in range(100)])
    assert len([one for one in found if isinstance(one, Refused)]) == 90
    assert balance([scarce, plenty]) == {scarce: (0, 10, 0), plenty: (990, 10, 0)}


def test_unsorted_baskets_and_their_releases_never_deadlock(app: Flask) -> None:
    skus = stocked(*[10_000] * 6)
    dice = random.Random(7)
    buyers = [checkout() for _ in range(60)]

    def trade(buyer: Ref) -> Callable[[], object]:
        wants = [(sku, dice.randint(1, 3)) for sku in dice.sample(skus, 4)]
        edit = [(sku, dice.randint(1, 3)) for sku in dice.sample(skus, 4)]
        return dice.choice(
            [
                lambda: actions.hold(buyer, wants, 600),
                lambda: actions.hold(buyer, edit, 600, releasing=[buyer]),
                lambda: actions.release_holds(*dice.sample(buyers, 5)),
                lambda: actions.commit_holds(buyer),
                lambda: actions.set_stocks(dict.fromkeys(dice.sample(skus, 3), 10_000)),
            ]
        )

    # One try each: a deadlock would surface as an error.
    found = all_at_once(app, [trade(dice.choice(buyers)) for _ in range(400)])
    assert not [one for one in found if isinstance(one, Refused)]
    states = balance(skus).values()
    assert all(free >= 0 for free, _, _ in states) and sum(sold for _, _, sold in states) > 0


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_release_and_a_commit_at_once_only_one_counts(app: Flask, attempt: int) -> None:
    skus = stocked(20, 20, 20)
    buyers = [checkout() for _ in range(8)]
    for one in buyers:
        in_transaction(lambda one=one: actions.hold(one, [(sku, 2) for sku in reversed(skus)], 600))
    works = [lambda one=one: actions.release_holds(one) for one in buyers]
    works += [lambda one=one: actions.commit_holds(one) for one in buyers]
    works += [lambda one=one: actions.release_holds(one) for one in buyers]
    random.Random(attempt).shuffle(works)
    found = all_at_once(app, works)
    assert sum(found) == len(buyers) * len(skus)
    for free, held, sold in balance(skus).values():
        assert (free + sold, held) == (20, 0)


def test_a_lapsing_checkout_and_its_purchase_never_share_the_goods(app: Flask) -> None:
    """The sweep gives back what the purchase takes over: whoever comes first has all of it."""
    skus = stocked(100, 100)
    pairs = [(checkout(), Ref("purchase", new_id())) for _ in range(40)]
    for old, _ in pairs:
        in_transaction(lambda old=old: actions.hold(old, [(sku, 2) for sku in skus], 600))
    works = []
    for old, new in pairs:
        works += [
            lambda old=old, new=new: actions.pass_on_holds(old, new, 600),
            lambda old=old: actions.release_holds(old),
        ]
    for passed, released in zip(*[iter(all_at_once(app, works))] * 2, strict=True):
        assert sorted((passed, released)) == [0, 2]
    for free, held, _ in balance(skus).values():
        assert free + held == 100


def test_stock_set_by_two_clerks_at_once_keeps_its_log_right(app: Flask) -> None:
    skus = [new_id() for _ in range(4)]
    works = [lambda n=n: actions.set_stocks(dict.fromkeys(random.sample(skus, 4), n)) for n in range(40)]
    all_at_once(app, works)
    moved = db.session.execute(db.text("SELECT sku_id, sum(delta) FROM inventory_movements GROUP BY sku_id")).all()
    assert dict(tuple(row) for row in moved) == queries.available(skus)


def test_a_hold_of_any_size_is_one_statement(app: Flask) -> None:
    skus = stocked(*[100] * 20)
    for wants in ([(skus[0], 1)], [(sku, 2) for sku in skus]):
        with queries_in() as seen:
            in_transaction(lambda wants=wants: actions.hold(checkout(), wants, 600))
        assert len(seen) == 1


def test_commit_release_and_passing_on_are_one_statement_each(app: Flask) -> None:
    skus = stocked(*[100] * 20)
    buyer, purchase = checkout(), Ref("purchase", new_id())
    in_transaction(lambda: actions.hold(buyer, [(sku, 2) for sku in skus], 600))
    works = [lambda: actions.pass_on_holds(buyer, purchase, 60), lambda: actions.commit_holds(purchase)]
    for work in [*works, lambda: actions.release_holds(purchase)]:
        with queries_in() as seen:
            in_transaction(work)
        assert len(seen) == 1
