"""Checkouts that meet: the last units, one key, the deadline, changed lines."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.buying.baskets.models import LineWanted
from app.buying.checkout import actions
from app.buying.checkout.models import Changes, Checkout
from app.buying.placing import actions as placing
from app.core import clock
from app.core.caller import GUEST, PERSON, Caller, Ref
from app.core.db import changed, db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.inventory.models import Hold
from app.store.inventory.queries import available
from app.store.orders.models import OrderLine, Purchase
from tests import make
from tests.client import Client
from tests.make import ADDRESS
from tests.store.racing import refusals, together


def patient(send: Callable[[], TestResponse]) -> TestResponse:
    """What a good client does: a 503, or a key that is being worked on, is tried again."""
    for _ in range(100):
        answer = send()
        if answer.status_code != 503 and answer.json.get("code") != "in_progress":
            return answer
        time.sleep(random.uniform(0.01, 0.1))
    raise AssertionError("the town stayed busy")


def due_in(checkout_id: UUID, seconds: float) -> None:
    """Let a checkout end so many seconds from now."""
    ending = update(Checkout).where(Checkout.id == checkout_id)
    in_transaction(lambda: changed(ending.values(expires_at=func.now() + timedelta(seconds=seconds))))


def purchases() -> int:
    return db.session.scalar(select(func.count()).select_from(Purchase)) or 0


def active_units(sku_id: UUID) -> int:
    units = select(func.coalesce(func.sum(Hold.quantity), 0)).where(Hold.sku_id == sku_id, Hold.state == "active")
    return int(db.session.scalar(units) or 0)


def test_a_hundred_strangers_who_want_the_last_ten_make_ten_purchases(app: Flask, client: Client) -> None:
    cup = make.product(stock=10)
    link = make.link(cup)

    def buy() -> int:
        made = patient(lambda: client.post(f"/links/{link.code}/checkout", {"sku_id": str(cup.sku_id)}))
        if made.status_code != 201:
            assert (made.status_code, made.json["code"]) == (409, "sold_out"), made.text
            return 0
        guest, path = client.as_(made.json["guest_token"]), f"/checkouts/{made.json['id']}"
        assert patient(lambda: guest.patch(path, {"address": ADDRESS})).status_code == 200
        placed = patient(lambda: guest.post(f"{path}/purchase", {}, key="k"))
        assert placed.status_code == 201, placed.text
        return 1

    assert Counter(together(app, *[buy] * 100)) == {1: 10, 0: 90}
    assert (purchases(), available([cup.sku_id]), active_units(cup.sku_id)) == (10, {cup.sku_id: 0}, 10)


def test_twenty_purchases_at_once_with_one_key_are_one_purchase(app: Flask, client: Client) -> None:
    made = make.checkout()
    buyer = client.as_(made.buyer.token)
    path = f"/checkouts/{made.id}/purchase"
    answers = together(app, *[lambda: patient(lambda: buyer.post(path, {}, key="k1"))] * 20)
    assert {one.status_code for one in answers} == {201}
    assert len({one.json["id"] for one in answers}) == 1
    assert purchases() == 1


def test_twenty_purchases_at_once_with_twenty_keys_are_one_purchase_and_nineteen_conflicts(
    app: Flask, client: Client
) -> None:
    made = make.checkout()
    buyer = client.as_(made.buyer.token)
    path = f"/checkouts/{made.id}/purchase"

    def buy(key: str) -> Callable[[], TestResponse]:
        return lambda: patient(lambda: buyer.post(path, {}, key=key))

    answers = together(app, *[buy(f"k{n}") for n in range(20)])
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 19}
    assert purchases() == 1


def test_of_an_expiry_and_a_purchase_that_meet_exactly_one_happens(app: Flask) -> None:
    """The deadline passes while both are on their way: purchased with its hold, or released with its stock back."""
    seen: Counter[str] = Counter()
    cup = make.product(stock=100)
    for ahead in [-0.15, *(step * 0.002 for step in range(-9, 9)), 0.04]:
        made = make.checkout(product=cup)
        before, wait = purchases(), 0.15
        due_in(made.id, wait)
        db.session.remove()

        def buy(made: Any = made, until: float = time.monotonic() + wait + ahead) -> str:
            time.sleep(max(0.0, until - time.monotonic()))
            return in_transaction(lambda: placing.purchase(made.caller, made.id)).status

        def sweep(until: float = time.monotonic() + wait + 0.05) -> int:
            found = 0
            while time.monotonic() < until:
                found += in_transaction(actions.release_due)
            return found

        bought, *swept = together(app, buy, sweep, sweep)
        with clock.moved(seconds=1):
            swept.append(in_transaction(actions.release_due))
        state = db.session.scalars(select(Checkout.state).where(Checkout.id == made.id)).one()
        seen[state] += 1
        if isinstance(bought, Refused):
            assert (bought.code, state, sum(swept), purchases()) == ("expired", "released", 1, before)
        else:
            assert (state, sum(swept), purchases()) == ("purchased", 0, before + 1)
        assert available([cup.sku_id])[cup.sku_id] + active_units(cup.sku_id) == 100
        assert active_units(cup.sku_id) == seen["purchased"]
    assert min(seen["purchased"], seen["released"]) > 0


def test_one_buyer_who_opens_many_at_once_never_has_more_than_five(app: Flask) -> None:
    cup, buyer = make.product(stock=40), Ref(PERSON, make.person().id)

    def open_one() -> None:
        in_transaction(lambda: actions.open_checkout(make.opening(buyer), [LineWanted(cup.sku_id, 2)]))

    together(app, *[open_one] * 8)
    together(app, *[open_one] * 8)
    states = db.session.scalars(select(Checkout.state)).all()
    assert Counter(states) == {"open": 5, "released": 11}
    assert (available([cup.sku_id])[cup.sku_id], active_units(cup.sku_id)) == (30, 10)


def test_baskets_changed_at_once_in_all_orders_keep_the_stock_exact(app: Flask) -> None:
    goods = [make.product(stock=12) for _ in range(4)]
    buyers = [Ref(GUEST, new_id()) for _ in range(8)]
    made = [
        in_transaction(lambda one=one: actions.open_checkout(make.opening(one), [LineWanted(goods[0].sku_id, 1)])[0].id)
        for one in buyers
    ]

    def change(place: int, lines: list[LineWanted]) -> None:
        caller = Caller(guest_id=buyers[place].id)
        in_transaction(lambda: actions.change_checkout(caller, made[place], Changes(lines=lines)))

    def shuffle(place: int) -> Callable[[], None]:
        chance = random.Random(place)

        def run() -> None:
            for _ in range(10):
                lines = [LineWanted(one.sku_id, chance.randint(1, 3)) for one in chance.sample(goods, 3)]
                try:
                    change(place, lines)
                except Refused as refused:
                    assert refused.code == "sold_out"

        return run

    found = together(app, *[shuffle(place) for place in range(8)])
    assert refusals(found) == []
    for one in goods:
        assert available([one.sku_id])[one.sku_id] + active_units(one.sku_id) == 12


def test_a_purchase_that_waits_for_changed_lines_buys_the_changed_lines(app: Flask) -> None:
    cup, bowl = make.product(stock=10), make.product(stock=10)
    made = make.checkout(product=cup, quantity=4)
    changing = threading.Event()

    def change() -> None:
        def slowly() -> None:
            actions.change_checkout(made.caller, made.id, Changes(lines=[LineWanted(bowl.sku_id, 2)]))
            changing.set()
            time.sleep(0.3)

        in_transaction(slowly)

    def buy() -> UUID:
        changing.wait(5)
        return in_transaction(lambda: placing.purchase(made.caller, made.id)).id

    _, purchase_id = together(app, change, buy)
    line = db.session.execute(select(OrderLine.sku_id, OrderLine.quantity)).one()
    hold = db.session.execute(select(Hold.sku_id, Hold.quantity, Hold.subject_id).where(Hold.state == "active")).one()
    assert (*line, purchase_id) == tuple(hold) == (bowl.sku_id, 2, purchase_id)
    assert available([cup.sku_id, bowl.sku_id]) == {cup.sku_id: 10, bowl.sku_id: 8}


def test_a_double_sixth_checkout_and_a_purchase_of_the_oldest_do_not_both_happen(app: Flask) -> None:
    cup = make.product(stock=60)
    for _ in range(6):
        buyer = make.person()
        oldest = make.checkout(buyer=buyer, product=cup)
        for _ in range(4):
            make.checkout(buyer=buyer, product=cup)

        def buy(made: Any = oldest) -> str:
            return in_transaction(lambda: placing.purchase(made.caller, made.id)).status

        def open_sixth(made: Any = oldest) -> None:
            in_transaction(lambda: actions.open_checkout(make.opening(made.caller.buyer), [LineWanted(cup.sku_id, 1)]))

        bought, _ = together(app, buy, open_sixth)
        state = db.session.scalars(select(Checkout.state).where(Checkout.id == oldest.id)).one()
        assert state == ("released" if isinstance(bought, Refused) else "purchased")
        mine = (Checkout.buyer_id == buyer.id, Checkout.state == "open")
        assert db.session.scalar(select(func.count()).where(*mine)) == 5
        assert available([cup.sku_id])[cup.sku_id] + active_units(cup.sku_id) == 60


def test_purchases_of_one_buyer_at_once_never_leave_more_than_five_unpaid(app: Flask) -> None:
    cup, buyer = make.product(stock=20), make.person()
    for _ in range(3):
        first = make.checkout(buyer=buyer, product=cup)
        in_transaction(lambda made=first: placing.purchase(made.caller, made.id))
    made = [make.checkout(buyer=buyer, product=cup) for _ in range(5)]
    found = together(
        app, *[lambda one=one: in_transaction(lambda: placing.purchase(one.caller, one.id)) for one in made]
    )
    codes = [one.code for one in found if isinstance(one, Refused)]
    assert codes == ["too_many_unpaid"] * 3
