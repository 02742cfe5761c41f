"""What a shop takes out of its deposit: a bill, a payout, and the books on the way."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import clock, config, worker
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.bills.queries import problems
from app.store.bills.schemas import WholeBillOut
from app.store.deposits import actions
from app.store.deposits.queries import PENALTIES
from app.store.deposits.queries import stand_of as deposit_of
from app.store.ledger.queries import PAYOUTS, balance, is_balanced
from app.store.settlement.actions import pay_out
from app.store.settlement.models import DEPOSIT, Entry
from app.store.settlement.queries import standing_of
from tests import make
from tests.client import Client
from tests.make import order as orders
from tests.make.product import as_staff
from tests.make.settlement import BILL, billed, settle, settled
from tests.sound import broken
from tests.store.racing import together
from tests.store.test_payouts import Desk, payouts
from tests.store.test_settlement import refund

COLLECT = "store.deposits.collect_owed"
UNSENT = {"what was sent or received is not what lies in parcels"}
"""What is sold here by make.settlement is received without a parcel."""


@pytest.fixture(autouse=True)
def _no_deposit_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "shop_deposit", 0)


@pytest.fixture
def desk(app: Flask, client: Client) -> Desk:
    return Desk(app, client)


def shop_to_pay(desk: Desk) -> make.MadeShop:
    return desk.shop(channel="profit_sharing", account="1900000001")


def pay(desk: Desk) -> None:
    """Whatever is to be paid is."""
    desk.approved("profit_sharing")
    worker.sweep_once(["store.payouts.ask_channels"])


def said() -> list[str]:
    """What is wrong, as `flask settlement check` says it; asked first in a transaction."""
    db.session.rollback()
    found = in_transaction(lambda: list(problems()), tries=1)
    db.session.remove()
    return found


def test_a_surplus_stands_in_a_bill_and_reaches_the_bank(app: Flask, client: Client, desk: Desk) -> None:
    """Of a shop that has sold nothing, too: no order has to carry its money."""
    shop = shop_to_pay(desk)
    make.deposit(shop, 500)
    in_transaction(lambda: actions.pay_out_surplus(as_staff(shop), shop.id, 300))
    billed(shop.id)
    owner = client.as_(shop.owner.token)
    [bill] = owner.get(f"/shops/{shop.id}/bills").json["items"]
    assert [bill[one] for one in ("entries", "deposit", "goods", "fee", "net", "to_settled")] == [
        1,
        300,
        0,
        0,
        300,
        300,
    ]
    whole = owner.get(f"/shops/{shop.id}/bills/{bill['id']}").json
    assert WholeBillOut().validate(whole) == {}
    assert [(one["about"], one["order_id"]) for one in whole["items"]] == [("deposit", None)]
    pay(desk)
    assert [(one.state, one.amount) for one in payouts(shop.id)] == [("done", 300)]
    assert in_transaction(lambda: [balance(one) for one in (f"settled:{shop.id}", PAYOUTS)]) == [0, -300]
    assert said() == [] and in_transaction(is_balanced)
    assert broken(lambda query: db.session.execute(text(query)).all()) == {}


def test_a_surplus_pays_first_what_the_shop_owes(app: Flask, client: Client) -> None:
    shop = make.shop()
    bought = settled([orders.line(orders.sku(), 1000, 1, shop.id)])
    out = Ref("payout", new_id())
    in_transaction(lambda: pay_out(shop.id, 1000, out, "payouts:due"))
    refund(bought.placed.orders[0].id)
    settle()
    make.deposit(shop, 1500)
    in_transaction(lambda: actions.pay_out_surplus(as_staff(shop), shop.id, 1200))
    stands = in_transaction(lambda: standing_of(shop.id))
    assert (stands.settled, stands.owed) == (200, 0)
    entry = db.session.scalars(select(Entry).where(Entry.kind == DEPOSIT)).one()
    assert (entry.deposit, entry.to_settled, entry.of_debts) == (1200, 200, 1000)
    assert said() == []


def test_money_that_stands_in_no_bill_is_told(app: Flask, client: Client) -> None:
    shop = make.shop()
    make.deposit(shop, 500)
    in_transaction(lambda: actions.pay_out_surplus(as_staff(shop), shop.id, 300))
    in_transaction(lambda: db.session.execute(text("DELETE FROM settlement_entries")))
    found = said()
    assert len(found) == 1 and "300" in found[0]


def test_a_penalty_beyond_the_deposit_is_taken_out_of_what_the_shop_earned_and_stands_in_its_bill(
    app: Flask, client: Client, desk: Desk
) -> None:
    shop = shop_to_pay(desk)
    make.deposit(shop, 500)
    settled([orders.line(orders.sku(), 10_000, 1, shop.id)])
    in_transaction(lambda: actions.take_penalty(shop.id, 3001, "假货", Ref("order", new_id())))
    stands = in_transaction(lambda: standing_of(shop.id))
    assert (stands.settled, in_transaction(lambda: deposit_of(shop.id).owed)) == (10_000 - 2501, 0)
    billed(shop.id)
    [bill] = client.as_(shop.owner.token).get(f"/shops/{shop.id}/bills").json["items"]
    assert (bill["goods"], bill["deposit"], bill["to_settled"]) == (10_000, -2501, 7499)
    pay(desk)
    assert [one.amount for one in payouts(shop.id)] == [7499]
    assert in_transaction(lambda: balance(PENALTIES)) == -3001
    assert said() == [] and in_transaction(is_balanced)
    assert set(broken(lambda query: db.session.execute(text(query)).all())) <= UNSENT


def test_a_penalty_of_a_shop_that_has_earned_nothing_is_taken_as_soon_as_it_has(app: Flask) -> None:
    shop = make.shop()
    in_transaction(lambda: actions.take_penalty(shop.id, 3000, "假货", Ref("order", new_id())))
    settled([orders.line(orders.sku(), 1000, 1, shop.id)])
    worker.sweep_once([COLLECT])
    assert in_transaction(lambda: (standing_of(shop.id).settled, deposit_of(shop.id).owed)) == (0, 2000)
    settled([orders.line(orders.sku(), 5000, 1, shop.id)])
    found = together(app, *(lambda: in_transaction(actions.collect_owed) for _ in range(4)))
    assert sum(found) == 1, "of several workers one takes it"
    assert in_transaction(lambda: (standing_of(shop.id).settled, deposit_of(shop.id).owed)) == (3000, 0)
    assert said() == [] and set(broken(lambda query: db.session.execute(text(query)).all())) <= UNSENT


def test_a_penalty_that_comes_after_a_bill_is_taken_once_over_all_payouts(
    app: Flask, client: Client, desk: Desk
) -> None:
    """Of the bill that waited for its money, and in the one in which it stands, but not in both."""
    shop = shop_to_pay(desk)
    settled([orders.line(orders.sku(), 10_000, 1, shop.id)])
    billed(shop.id)
    in_transaction(lambda: actions.take_penalty(shop.id, 6000, "假货", Ref("order", new_id())))
    pay(desk)
    assert [one.amount for one in payouts(shop.id)] == [4000]
    settled([orders.line(orders.sku(), 8000, 1, shop.id)])
    for days in (8, 16):  # the week is over, and then the time to object
        with clock.moved(days=days):
            worker.sweep_once(BILL)
    pay(desk)
    assert sorted(one.amount for one in payouts(shop.id)) == [4000, 8000], "10000 + 8000 - 6000 in all"
    assert in_transaction(lambda: standing_of(shop.id).settled) == 0
    assert said() == [] and in_transaction(is_balanced)
