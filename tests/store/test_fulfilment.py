"""How far a paid order is: its quantities move within what there is, and the three axes follow from them."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.fulfilment import actions
from app.store.fulfilment.models import CANCEL, CLAIM, LET_GO, PAY, RECEIVE, REFUND, SHIP, TAKE_BACK, Axes, Move
from app.store.fulfilment.queries import orders_of_buyer, orders_of_shop
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.store.racing import refusals, together

SYSTEM = ("system", None)


def paid(
    *quantities: int, price: int = 1000, shop_id: UUID | None = None
) -> tuple[make.MadePurchase, UUID, list[UUID]]:
    """A paid purchase of one order with lines of these quantities: (purchase, order, lines)."""
    shop = shop_id or uuid4()
    bought = make.paid(make.purchase([make.line(make.sku(), price, one, shop) for one in quantities]))
    order_id = bought.placed.orders[0].id
    return bought, order_id, make.line_ids(order_id)


def move(order_id: UUID, *moves: Move) -> Axes:
    return in_transaction(lambda: actions.move_lines(order_id, moves, SYSTEM, "test"))


def facts(order_id: UUID) -> list[str]:
    mine = text("SELECT name FROM core_events WHERE body->>'order_id' = :id ORDER BY id")
    return list(db.session.scalars(mine, {"id": str(order_id)}))


def test_an_order_begins_when_it_is_paid_and_not_before(app: Flask) -> None:
    bought = make.purchase()
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: actions.locked_order(bought.placed.orders[0].id))
    assert (refused.value.status, refused.value.code) == (409, "not_paid")
    make.paid(bought)
    order, lines = in_transaction(lambda: actions.locked_order(bought.placed.orders[0].id))
    assert (order.fulfilment, order.aftersale, order.total) == ("unfulfilled", "none", bought.placed.total)
    assert [(one.quantity, one.shipped, one.total) for one in lines.values()] == [(1, 0, 9900)]
    assert in_transaction(lambda: actions.begin([bought.id])) == 0, "what has begun stays as it is"


def test_each_step_leaves_all_three_axes_right(app: Flask) -> None:
    """The issue's example: ship 1, return 1, cancel the rest."""
    bought, order_id, [line] = paid(3)
    assert move(order_id, Move(line, SHIP, 1)) == ("partly_shipped", "none")
    assert move(order_id, Move(line, CLAIM, 1)) == ("partly_shipped", "open")
    assert move(order_id, Move(line, TAKE_BACK, 1, 1000)) == ("partly_shipped", "partly_refunded")
    assert move(order_id, Move(line, CANCEL, 2, 2000)) == ("shipped", "refunded")
    assert move(order_id, Move(line, RECEIVE, 1)) == ("received", "refunded")
    [seen] = orders_of_buyer(bought.buyer.ref, None, 10, None)["items"]
    assert (seen["payment"], seen["fulfilment"], seen["aftersale"]) == ("refunded", "received", "refunded")
    assert seen["refunded"] == seen["total"] == 3000
    assert facts(order_id) == ["OrderPaid", "OrderRefunded", "OrderReceived"]


def test_all_cancelled_is_cancelled_and_all_received_is_received_once(app: Flask) -> None:
    _, order_id, lines = paid(1, 2)
    assert move(order_id, *(Move(one, CANCEL, units) for one, units in zip(lines, (1, 2), strict=True))) == (
        "cancelled",
        "refunded",
    )
    assert facts(order_id) == ["OrderPaid", "OrderCancelled", "OrderRefunded"]
    _, order_id, [line] = paid(2)
    move(order_id, Move(line, SHIP, 2), Move(line, RECEIVE, 2))
    move(order_id, Move(line, CLAIM, 1))
    move(order_id, Move(line, LET_GO, 1))
    assert facts(order_id) == ["OrderPaid", "OrderReceived"]


@pytest.mark.parametrize(
    "moves",
    [
        [(SHIP, 3, 0)],
        [(RECEIVE, 1, 0)],
        [(LET_GO, 1, 0)],
        [(REFUND, 1, 0)],
        [(CANCEL, 1, 2001)],
        [(PAY, 0, 2001)],
        [(SHIP, 1, 0), (CANCEL, 2, 0)],
        [(CLAIM, 2, 0), (CANCEL, 1, 0)],
        [(CANCEL, 2, 0), (CLAIM, 1, 0)],
        [(SHIP, 2, 0), (CLAIM, 2, 0), (REFUND, 1, 0), (CLAIM, 1, 0)],
    ],
)
def test_more_than_there_is_moves_nothing_at_all(app: Flask, moves: list[tuple[str, int, int]]) -> None:
    _, order_id, [line] = paid(2)
    with pytest.raises(Refused) as refused:
        move(order_id, *(Move(line, *one) for one in moves))
    assert (refused.value.status, refused.value.code) == (409, "wrong_quantity")
    _, lines = in_transaction(lambda: actions.locked_order(order_id))
    kept = lines[line]
    assert (kept.shipped, kept.received, kept.claimed, kept.cancelled, kept.refunded, kept.refunded_amount) == (0,) * 6


def test_a_line_of_another_order_is_not_there(app: Flask) -> None:
    _, order_id, _ = paid(1)
    _, _, [foreign] = paid(1)
    with pytest.raises(Refused) as refused:
        move(order_id, Move(foreign, SHIP, 1))
    assert refused.value.status == 404


def test_of_shipping_and_cancelling_the_last_unit_at_once_one_happens(app: Flask) -> None:
    for _ in range(5):
        _, order_id, [line] = paid(1)
        done = together(app, *(partial(move, order_id, Move(line, kind, 1)) for kind in (SHIP, CANCEL)))
        assert refusals(done) == ["wrong_quantity"]


def test_the_database_itself_refuses_more_than_there_is(app: Flask) -> None:
    *_, [line] = paid(1)
    for wrong in (
        "shipped = 2",
        "received = 1",
        "refunded = 2",
        "refunded_amount = 1001",
        "cancelled = 1",
        "claimed = -1",
    ):
        with pytest.raises(Exception, match="violates check constraint"):
            change = text(f"UPDATE fulfilment_lines SET {wrong} WHERE line_id = :id")
            in_transaction(lambda change=change: db.session.execute(change, {"id": line}))


def test_the_order_centre_shows_each_order_where_it_stands(app: Flask, client: Client) -> None:
    shop = town.shop()
    buyer = make.buyer()
    made = {}
    for state in ("to_pay", "to_ship", "to_receive", "done", "after_sales", "ended"):
        bought = make.purchase([make.line(make.sku(), 500, 2, shop.id)], buyer)
        made[state] = bought.placed.orders[0].id
        if state != "to_pay":
            make.paid(bought)
    for state, moves in {
        "to_receive": [(SHIP, 2)],
        "done": [(SHIP, 2), (RECEIVE, 2)],
        "after_sales": [(SHIP, 2), (RECEIVE, 2), (CLAIM, 1)],
        "ended": [(CANCEL, 2)],
    }.items():
        move(made[state], *(Move(make.line_ids(made[state])[0], *one) for one in moves))
    mine, staff = client.as_(buyer.token), client.as_(shop.owner.token)
    wanted = {state: {str(order)} for state, order in made.items()}
    wanted["done"].add(str(made["after_sales"]))
    wanted["after_sales"].add(str(made["ended"]))
    for state, ids in wanted.items():
        assert {one["id"] for one in mine.get(f"/me/orders?state={state}").json["items"]} == ids, state
        assert {one["id"] for one in staff.get(f"/shops/{shop.id}/orders?state={state}").json["items"]} == ids, state
    assert mine.get("/me/orders?state=lost").status_code == 422
    assert len(orders_of_shop(shop.id, shop.owner.id, 10, None)["items"]) == 6


def test_an_order_tells_what_became_of_it(app: Flask, client: Client) -> None:
    bought, order_id, [line] = paid(2)
    move(order_id, Move(line, SHIP, 2))
    seen = client.as_(bought.buyer.token).get(f"/orders/{order_id}").json
    assert [(one["what"], one["before"], one["after"]) for one in seen["log"]] == [
        ("payment", None, "unpaid"),
        ("payment", "unpaid", "paid"),
        ("fulfilment", "unfulfilled", "shipped"),
    ]
    assert seen["lines"][0]["shipped"] == 2 and seen["ship_by"] is not None


def test_the_address_changes_until_something_is_sent(app: Flask, client: Client) -> None:
    bought, order_id, [line] = paid(1)
    buyer = client.as_(bought.buyer.token)
    other = {**town.ADDRESS, "street": "新街 1 号"}
    assert buyer.put(f"/orders/{order_id}/address", other).json["address"]["street"] == "新街 1 号"
    assert client.as_(make.buyer().token).put(f"/orders/{order_id}/address", other).status_code == 404
    move(order_id, Move(line, SHIP, 1))
    refused = buyer.put(f"/orders/{order_id}/address", town.ADDRESS)
    assert (refused.status_code, refused.json["code"]) == (409, "shipped")
    assert buyer.get(f"/orders/{order_id}").json["address"]["street"] == "新街 1 号"
