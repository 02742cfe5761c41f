"""What is left behind bills that penalties have eaten: paid once, by a bill, and never lost."""

import threading
import time
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, config, worker
from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.deposits.actions import take_penalty
from app.store.ledger.queries import is_balanced
from app.store.payouts.actions import make_batch
from app.store.settlement.actions import settle_due
from app.store.settlement.queries import standing_of
from tests import make
from tests.client import Client
from tests.make import order as orders
from tests.make.settlement import BILL, billed, let_windows_pass, received, settled
from tests.sound import broken
from tests.store.racing import together
from tests.store.test_deposits_out import UNSENT, pay, said, shop_to_pay
from tests.store.test_payouts import Desk, payouts


@pytest.fixture(autouse=True)
def _no_deposit_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "shop_deposit", 0)


@pytest.fixture
def desk(app: Flask, client: Client) -> Desk:
    return Desk(app, client)


def faults() -> list[str]:
    """What is wrong with the books, the bills, and by the rules of tests/sound."""
    found = set(broken(lambda query: db.session.execute(text(query)).all())) - UNSENT
    return [*said(), *found, *([] if in_transaction(is_balanced) else ["the books are not balanced"])]


def test_a_rest_behind_a_bill_below_zero_is_paid(app: Flask, client: Client, desk: Desk) -> None:
    """Bill 1 was paid less a penalty that stands in bill 2, which is below 0; what was sold since is the shop's."""
    shop = shop_to_pay(desk)
    settled([orders.line(orders.sku(), 10_000, 1, shop.id)])
    billed(shop.id)
    in_transaction(lambda: take_penalty(shop.id, 6000, "假货", Ref("order", new_id())))
    pay(desk)
    settled([orders.line(orders.sku(), 1000, 1, shop.id)])
    for days in (8, 16):
        with clock.moved(days=days):
            worker.sweep_once(BILL)
    assert faults() == []
    pay(desk)
    assert sorted(one.amount for one in payouts(shop.id)) == [1000, 4000]
    assert in_transaction(lambda: standing_of(shop.id).settled) == 0
    assert faults() == []
    bills = client.as_(shop.owner.token).get(f"/shops/{shop.id}/bills").json["items"]
    assert [(one["to_settled"], one["state"]) for one in bills] == [(-5000, "paid"), (10_000, "paid")]


def test_a_bill_of_which_nothing_is_left_is_paid_by_that(app: Flask, client: Client, desk: Desk) -> None:
    shop = shop_to_pay(desk)
    settled([orders.line(orders.sku(), 1000, 1, shop.id)])
    in_transaction(lambda: take_penalty(shop.id, 3000, "假货", Ref("order", new_id())))
    billed(shop.id)
    [bill] = client.as_(shop.owner.token).get(f"/shops/{shop.id}/bills").json["items"]
    assert (bill["to_settled"], bill["state"]) == (0, "paid")


def test_of_two_batches_beside_the_settling_none_pays_without_a_bill(app: Flask, desk: Desk) -> None:
    shop = shop_to_pay(desk)
    settled([orders.line(orders.sku(), 10_000, 1, shop.id)])
    billed(shop.id)
    in_transaction(lambda: take_penalty(shop.id, 6000, "假货", Ref("order", new_id())))
    received([orders.line(orders.sku(), 8000, 1, shop.id)])
    let_windows_pass()
    first, second = (Caller(person_id=make.person(roles=("admin",)).id) for _ in range(2))
    db.session.rollback()
    made = threading.Event()

    def pays() -> None:
        make_batch(first, "profit_sharing")
        made.set()
        time.sleep(1.0)

    def pays_too() -> None:
        made.wait(10)
        time.sleep(0.2)
        with pytest.raises(Refused) as refused:
            make_batch(second, "profit_sharing")
        assert refused.value.code == "nothing_to_pay"

    def settles() -> None:
        made.wait(10)
        settle_due()

    together(app, *(partial(in_transaction, one) for one in (pays, pays_too, settles)))
    paid = "SELECT amount, (SELECT count(*) FROM payouts_bills WHERE payout_id = id) FROM payouts_payouts"
    assert [tuple(row) for row in in_transaction(lambda: db.session.execute(text(paid)).all())] == [(4000, 1)]
    assert faults() == []
