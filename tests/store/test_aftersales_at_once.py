"""After-sales cases beside each other: what one of them takes is not there for the next, and none holds up all."""

from uuid import uuid4

from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import SYSTEM, Ref
from app.core.db import db, in_transaction
from app.store.aftersales.models import AGAIN_AFTER, ANSWER_WITHIN
from app.store.catalogue.actions import change_sku
from app.store.fulfilment.models import PAY
from app.store.orders.models import AdjustmentToPlace, Parcel
from app.store.refunds.actions import CANCELLATION, grant
from app.store.refunds.models import Back
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.store.test_aftersales import SWEEP, Bought


def let_nobody_answer() -> None:
    with clock.moved(seconds=ANSWER_WITHIN.total_seconds() + 5):
        worker.sweep_once(SWEEP)


def test_freight_stays_with_what_is_still_to_be_sent(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=3, freight=500)
    part = order.ask("refund", 1, freight=500)
    assert (part.status_code, part.json["code"]) == (422, "freight_is_used")
    assert order.ask("refund", 2).json["refund"]["amount"] == 2000
    rest = order.ask("refund", 1, freight=500)
    assert rest.json["refund"]["amount"] == 1500, "nothing of it is sent"
    assert order.stands() == ("refunded", "cancelled", "refunded")


def test_a_fallen_price_brings_no_freight_back(app: Flask, client: Client) -> None:
    goods, who = town.product(price=900, stock=9), town.person()
    line = make.line(goods.sku_id, 1000, 1, goods.shop.id)
    bought = make.purchase([line], make.Buyer(who.token, Ref("person", who.id)), parcels={goods.shop.id: Parcel(500)})
    order_id = make.paid(bought).placed.orders[0].id
    asked = {"kind": "price", "reason": "other", "lines": [{"line_id": str(make.line_ids(order_id)[0]), "units": 1}]}
    buyer = client.as_(who.token)
    refused = buyer.post(f"/orders/{order_id}/aftersales", {**asked, "freight": 500}, key=uuid4().hex)
    assert (refused.status_code, refused.json["code"]) == (422, "freight_is_used")
    assert buyer.post(f"/orders/{order_id}/aftersales", asked, key=uuid4().hex).json["refund"]["amount"] == 100


def test_freight_that_two_cases_ask_for_goes_back_once_and_both_end(app: Flask, client: Client) -> None:
    order = Bought(client, freight=500).received()
    cases = [order.ask("refund", reason="damaged", freight=500) for _ in range(2)]
    let_nobody_answer()
    ended = [order.buyer.get(f"/aftersales/{one.json['id']}").json for one in cases]
    assert [one["state"] for one in ended] == ["granted", "granted"]
    assert sorted(one["refund"]["amount"] for one in ended) == [1000, 1500]
    assert order.stands()[0] == "refunded"


def test_a_case_that_asks_for_more_than_is_left_gets_what_is_left(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask("refund", reason="damaged", amount=1000)
    less = [Back(order.lines[0], PAY, 0, 400)]
    in_transaction(lambda: grant(order.id, less, Ref(CANCELLATION, uuid4()), (SYSTEM, None), "a fallen price"))
    let_nobody_answer()
    found = order.buyer.get(f"/aftersales/{case.json['id']}").json
    assert (found["state"], found["refund"]["amount"]) == ("granted", 800)


def test_a_fallen_price_is_measured_by_what_was_paid(app: Flask, client: Client) -> None:
    goods, who = town.product(price=800, stock=9), town.person()
    line = make.line(goods.sku_id, 1000, 2, goods.shop.id, adjustments=[AdjustmentToPlace(-500, "shop_coupon:x")])
    order_id = make.paid(make.purchase([line], make.Buyer(who.token, Ref("person", who.id)))).placed.orders[0].id
    asked = {"kind": "price", "reason": "other", "lines": [{"line_id": str(make.line_ids(order_id)[0]), "units": 2}]}
    buyer = client.as_(who.token)
    assert buyer.post(f"/orders/{order_id}/aftersales", asked, key="a").json["code"] == "price_not_lower"
    in_transaction(lambda: change_sku(town.as_staff(goods.shop), goods.sku_id, price=700))
    assert buyer.post(f"/orders/{order_id}/aftersales", asked, key="b").json["refund"]["amount"] == 100


def test_a_case_that_cannot_be_ended_holds_up_no_other_and_is_tried_again(app: Flask, client: Client) -> None:
    stuck, fine = Bought(client).received(), Bought(client).received()
    cases = [one.ask("refund", reason="damaged").json["id"] for one in (stuck, fine)]
    claims = text("UPDATE fulfilment_lines SET claimed = :units WHERE order_id = :order")
    in_transaction(lambda: db.session.execute(claims, {"units": 0, "order": stuck.id}))
    let_nobody_answer()
    states = [
        one.buyer.get(f"/aftersales/{case}").json["state"] for one, case in zip((stuck, fine), cases, strict=True)
    ]
    assert states == ["requested", "granted"]
    in_transaction(lambda: db.session.execute(claims, {"units": 1, "order": stuck.id}))
    with clock.moved(seconds=(ANSWER_WITHIN + AGAIN_AFTER).total_seconds() + 10):
        worker.sweep_once(SWEEP)
    assert stuck.buyer.get(f"/aftersales/{cases[0]}").json["state"] == "granted"
