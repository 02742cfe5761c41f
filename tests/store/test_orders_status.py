"""Orders by status: an order's is its purchase's at every moment, and a shop finds those of one by an index."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import clock, worker
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.store.fulfilment.queries import OrdersWanted, orders_of_shop
from app.store.inventory.actions import release_holds
from app.store.orders import actions
from app.store.orders.queries import PURCHASE
from app.store.orders.schemas import STATUSES
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from tests.client import Client
from tests.make import order as make
from tests.make.shop import MadeShop, shop
from tests.statements import planned
from tests.store.counting import queries_in

SWEEP = ["store.orders.let_purchases_lapse"]


def _bought(*shops: MadeShop) -> make.MadePurchase:
    return make.purchase([make.line(make.sku(), 100, 1, one.id) for one in shops])


def _pay(of: make.MadePurchase) -> None:
    begun = make.payment(of)
    kept = in_transaction(lambda: payments.play_outcome(payment_now(begun.id), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))


def _lose_stock_and_pay(of: make.MadePurchase) -> None:
    in_transaction(lambda: release_holds(Ref(PURCHASE, of.id)))
    _pay(of)


def _cancel(of: make.MadePurchase) -> None:
    in_transaction(lambda: actions.cancel_purchase(of.buyer.caller, of.id))


def _let_lapse(_: make.MadePurchase) -> None:
    with clock.moved(seconds=settings.unpaid_seconds + 1):
        worker.sweep_once(SWEEP)


def _statuses(purchase_id: UUID) -> tuple[str, list[str]]:
    """A purchase's, and those of its orders."""
    mine = {"id": purchase_id}
    of_purchase = db.session.scalar(text("SELECT status FROM orders_purchases WHERE id = :id"), mine)
    of_orders = db.session.scalars(text("SELECT status FROM orders_orders WHERE purchase_id = :id"), mine).all()
    db.session.rollback()
    return of_purchase, list(of_orders)


MOVES = {
    "paid": (_pay, "paid"),
    "cancelled": (_cancel, "cancelled"),
    "lapsed": (_let_lapse, "lapsed"),
    "paid for without stock": (_lose_stock_and_pay, "lapsed"),
}


@pytest.mark.parametrize("move", MOVES)
def test_the_orders_of_a_purchase_go_with_it(app: Flask, move: str) -> None:
    made = _bought(shop(), shop(), shop())
    assert _statuses(made.id) == ("unpaid", ["unpaid"] * 3)
    do, after = MOVES[move]
    do(made)
    assert _statuses(made.id) == (after, [after] * 3)


def test_no_order_can_have_another_status_than_its_purchase(app: Flask) -> None:
    made = _bought(shop())
    for sql in ("UPDATE orders_orders SET status = 'paid'", "UPDATE orders_orders SET purchase_id = gen_random_uuid()"):
        with pytest.raises(IntegrityError, match="fk_orders_orders_purchase_id_status"):
            in_transaction(lambda sql=sql: db.session.execute(text(sql)))
    assert _statuses(made.id) == ("unpaid", ["unpaid"])


def test_a_shop_lists_the_orders_of_each_status(client: Client) -> None:
    where, other = shop(), shop()
    made = {status: [_bought(where, other) for _ in range(3)] for status in ("lapsed", "paid", "cancelled", "unpaid")}
    for do, status in ((_pay, "paid"), (_cancel, "cancelled")):
        for one in made[status]:
            do(one)
    lapse = "UPDATE orders_purchases SET pay_by = created_at WHERE id = ANY(:ids)"
    in_transaction(lambda: db.session.execute(text(lapse), {"ids": [one.id for one in made["lapsed"]]}))
    worker.sweep_once(SWEEP)
    staff, path = client.as_(where.owner.token), f"/shops/{where.id}/orders"
    for status in STATUSES:
        first = staff.get(f"{path}?status={status}&limit=2").json
        second = staff.get(f"{path}?status={status}&limit=2&cursor={first['next']}").json
        found = first["items"] + second["items"]
        assert [one["purchase_id"] for one in found] == [str(one.id) for one in made[status][::-1]], status
        assert {one["status"] for one in found} == {status}
        others = next(one for one in STATUSES if one != status)
        assert staff.get(f"{path}?status={others}&cursor={first['next']}").status_code == 400
    assert len(staff.get(f"{path}?limit=50").json["items"]) == 12
    refused = staff.get(f"{path}?status=stolen")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["status"])


@pytest.mark.parametrize("many", [1, 12])
def test_it_costs_five_queries_however_many_there_are(client: Client, many: int) -> None:
    where = shop()
    for _ in range(many):
        _bought(where)
    staff = client.as_(where.owner.token)
    staff.get("/me")  # from here on it is known who holds this token
    for asked in ("", "&status=unpaid"):
        with queries_in() as seen:
            assert len(staff.get(f"/shops/{where.id}/orders?limit=50{asked}").json["items"]) == many
        assert len(seen) == 5, seen


_MANY = """
WITH p AS (INSERT INTO orders_purchases (id, buyer_kind, buyer_id, checkout_id, total, currency, status, pay_by,
    created_at) SELECT gen_random_uuid(), 'guest', gen_random_uuid(), gen_random_uuid(), 0, 'CNY',
    CASE WHEN n % 500 = 0 THEN 'cancelled' ELSE 'lapsed' END, now(), now() - make_interval(secs => n)
    FROM generate_series(1, 4000) n RETURNING id, status, created_at)
INSERT INTO orders_orders (id, purchase_id, status, shop_id, total, created_at)
SELECT gen_random_uuid(), id, status, :shop, 0, created_at FROM p"""


@pytest.mark.parametrize(("asked", "index"), [("cancelled", "status"), (None, "shop")])
def test_the_orders_of_a_shop_are_read_in_the_order_of_an_index(app: Flask, asked: str | None, index: str) -> None:
    where = shop()
    in_transaction(lambda: db.session.execute(text(_MANY), {"shop": where.id}))
    db.session.execute(text("ANALYZE orders_orders, orders_purchases"))
    db.session.commit()
    wanted = OrdersWanted(status=asked)
    found, plan = planned(lambda: orders_of_shop(where.id, where.owner.id, 20, None, wanted), "JOIN orders_purchases")
    assert len(found["items"]) == (8 if asked else 20)
    assert f"Index Scan Backward using ix_orders_orders_{index} on" in plan, plan
    assert asked or "Sort" not in plan, plan


def test_the_document_says_what_can_be_asked(client: Client) -> None:
    path = "/api/v1/shops/{shop_id}/orders"
    asked = client.get("//openapi.json").json["paths"][path]["get"]["parameters"]
    [status] = [one for one in asked if one["name"] == "status"]
    assert (set(status["schema"]["enum"]) >= set(STATUSES), status["required"]) == (True, False)
    assert status["description"] == "Only orders of this status of payment."
