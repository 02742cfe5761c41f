"""Orders that are not sent in time bring their buyers something, once, of the shop's money."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import PERSON, Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import CANCEL, SHIP, Move
from app.store.ledger.queries import balance, shop_account, wallet_account
from app.store.orders.queries import purchase_page
from app.store.refunds.queries import grants_of
from tests import make as town
from tests.make import order as make

SWEEP = ["store.lateness.compensate_late_orders"]


def of_person(price: int, quantity: int = 1) -> tuple[make.MadePurchase, Ref]:
    who = town.person()
    buyer = make.Buyer(who.token, Ref(PERSON, who.id))
    return make.paid(make.purchase([make.line(make.sku(), price, quantity)], buyer)), buyer.ref


def let_pass() -> None:
    with clock.moved(seconds=settings.ship_within_seconds + 1):
        worker.sweep_once(SWEEP)


@pytest.mark.parametrize(("price", "amount"), [(10_000, 500), (1000, 100), (60, 60), (1_000_000, 3000)])
def test_a_person_gets_a_twentieth_into_his_wallet_once(app: Flask, price: int, amount: int) -> None:
    bought, buyer = of_person(price)
    shop = bought.placed.orders[0].shop_id
    worker.sweep_once(SWEEP)
    assert balance(wallet_account(buyer.id)) == 0, "there is time yet"
    for _ in range(2):
        let_pass()
    assert balance(wallet_account(buyer.id)) == -amount
    assert balance(shop_account(shop)) == amount - price
    late = text("SELECT count(*) FROM core_events WHERE name = 'OrderLate' AND body->>'order_id' = :id")
    assert db.session.scalar(late, {"id": str(bought.placed.orders[0].id)}) == 1


def test_a_guest_gets_it_of_what_he_paid(app: Flask) -> None:
    shop = town.shop()
    bought = make.paid(make.purchase([make.line(make.sku(), price, 1, shop.id) for price in (3000, 7000)]))
    let_pass()
    [order] = bought.placed.orders
    assert [one.amount for one in grants_of(order.id)] == [500]
    [refund] = purchase_page(bought.buyer.ref, bought.id)["refunds"]
    assert refund["amount"] == 500


@pytest.mark.parametrize("kind", [SHIP, CANCEL])
def test_what_was_sent_or_cancelled_in_time_brings_nothing(app: Flask, kind: str) -> None:
    bought, buyer = of_person(10_000)
    order_id = bought.placed.orders[0].id
    done = [Move(make.line_ids(order_id)[0], kind, 1)]
    in_transaction(lambda: move_lines(order_id, done, ("system", None), ""))
    let_pass()
    assert balance(wallet_account(buyer.id)) == 0


def test_only_what_still_waits_counts(app: Flask) -> None:
    bought, buyer = of_person(4000, quantity=4)
    order_id = bought.placed.orders[0].id
    in_transaction(lambda: move_lines(order_id, [Move(make.line_ids(order_id)[0], SHIP, 3)], ("system", None), ""))
    let_pass()
    assert balance(wallet_account(buyer.id)) == -200
