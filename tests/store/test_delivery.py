"""Parcels: who enters them, how they count as received, what carriers tell, and goods fetched at a counter."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.signatures import signature
from app.store.delivery import actions
from app.store.delivery.carriers.sandbox import HEADER, signed_track
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import CLAIM, Move
from app.store.fulfilment.queries import orders_of_buyer
from app.store.orders.models import PICK_UP, Parcel
from app.store.shops.models import AFTER_SALES, PACKER
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.store.racing import refusals, together

PARCEL = {"carrier": "sandbox", "number": "SB1001"}


class Sold:
    """A paid order in a shop of somebody's, with its buyer and its staff as clients."""

    def __init__(self, client: Client, *quantities: int, **named: Any) -> None:
        self.shop = town.shop()
        goods = [make.line(make.sku(), 1000, one, self.shop.id) for one in quantities or (1,)]
        self.purchase = make.paid(make.purchase(goods, **named))
        self.id = self.purchase.placed.orders[0].id
        self.lines = make.line_ids(self.id)
        self.buyer = client.as_(self.purchase.buyer.token)
        self.staff = client.as_(self.shop.owner.token)
        self.path = f"/orders/{self.id}"

    def ship(self, **more: Any) -> Any:
        return self.staff.post(f"{self.path}/packages", {**PARCEL, **more})

    def stands(self) -> str:
        found: str = self.buyer.get(self.path).json["fulfilment"]
        return found


def test_a_shop_sends_in_parts_and_its_buyer_sees_each_package(app: Flask, client: Client) -> None:
    sold = Sold(client, 2, 1)
    first = sold.ship(lines=[{"line_id": str(sold.lines[0]), "units": 1}])
    assert (first.status_code, sold.stands()) == (201, "partly_shipped")
    second = sold.ship(number="SB1002")
    assert [one.json["made"] for one in (first, second)] == [one["id"] for one in second.json["items"]]
    assert sold.stands() == "shipped"
    packages = sold.buyer.get(f"{sold.path}/packages").json["items"]
    assert [one["number"] for one in packages] == ["SB1001", "SB1002"]
    assert [sorted(line["units"] for line in one["lines"]) for one in packages] == [[1], [1, 1]]
    refused = sold.ship(number="SB1003")
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_quantity")


def test_the_same_parcel_is_entered_once(app: Flask, client: Client) -> None:
    sold = Sold(client, 2)
    one = [{"line_id": str(sold.lines[0]), "units": 1}]
    assert sold.ship(lines=one).status_code == 201
    again = sold.ship(lines=one)
    assert (again.status_code, again.json["code"]) == (409, "shipped_already")
    assert sold.stands() == "partly_shipped"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"carrier": "pigeon"}, "carrier"),
        ({"carrier": "sf", "number": "abc"}, "number"),
        ({"carrier": "ems", "number": "EE12345678CN"}, "number"),
        ({"number": ""}, "number"),
        ({"lines": []}, "lines"),
    ],
)
def test_a_parcel_needs_a_carrier_and_a_number_of_its_form(
    app: Flask, client: Client, sent: dict[str, Any], field: str
) -> None:
    refused = Sold(client).ship(**sent)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_who_may_send_and_who_may_not(app: Flask, client: Client) -> None:
    sold = Sold(client)
    path, strange = f"{sold.path}/packages", client.as_(town.shop().owner.token)
    assert strange.post(path, PARCEL).status_code == 404
    assert strange.get(path).status_code == 404
    assert sold.buyer.post(path, PARCEL).status_code == 401, "a guest works nowhere"
    assert client.as_(town.worker(sold.shop, AFTER_SALES).token).post(path, PARCEL).status_code == 403
    assert client.as_(town.worker(sold.shop, PACKER).token).post(path, PARCEL).status_code == 201


def test_an_unpaid_order_is_not_sent(app: Flask, client: Client) -> None:
    shop = town.shop()
    unpaid = make.purchase([make.line(make.sku(), 1000, 1, shop.id)])
    sent = client.as_(shop.owner.token).post(f"/orders/{unpaid.placed.orders[0].id}/packages", PARCEL)
    assert (sent.status_code, sent.json["code"]) == (409, "not_paid")


def test_many_orders_are_sent_at_once_each_for_itself(app: Flask, client: Client) -> None:
    sold = Sold(client)
    other, foreign = Sold(client), uuid4()
    ids = (sold.id, other.id, foreign)
    parcels = [{"order_id": str(one), "carrier": "yto", "number": f"YT{n:013d}"} for n, one in enumerate(ids)]
    done = sold.staff.post("/parcels", {"parcels": parcels}).json["items"]
    assert [one["refused"] for one in done] == [None, "not_found", "not_found"]
    assert (sold.stands(), other.stands()) == ("shipped", "unfulfilled")


def test_what_a_supplier_sends_its_own_staff_enters_and_sees_nothing_else(app: Flask, client: Client) -> None:
    shop, supplier = town.shop(), town.shop()
    goods = [
        make.line(make.sku(), 1000, 1, shop.id, supplier_id=supplier.id, supply_price=700),
        make.line(make.sku(), 500, 2, shop.id),
    ]
    bought = make.paid(make.purchase(goods, address=town.ADDRESS, note="放门口"))
    order_id = bought.placed.orders[0].id
    at_shop, at_supplier = client.as_(shop.owner.token), client.as_(supplier.owner.token)
    [theirs] = at_supplier.get(f"/shops/{supplier.id}/parcels").json["items"]
    assert [line["units"] for line in theirs["lines"]] == [1]
    assert theirs["address"]["street"] == town.ADDRESS["street"]
    assert theirs.keys() == {"id", "kind", "address", "note", "lines", "ship_by", "fulfilment"}
    assert theirs["note"] == "放门口", "it is for who sends the goods"
    assert at_supplier.get(f"/orders/{order_id}").status_code == 404
    [mine] = at_shop.get(f"/shops/{shop.id}/parcels").json["items"]
    assert [line["units"] for line in mine["lines"]] == [2]
    assert at_shop.post(f"/orders/{order_id}/packages", PARCEL).status_code == 201
    refused = at_shop.post(f"/orders/{order_id}/packages", {**PARCEL, "number": "SB2"})
    assert (refused.status_code, refused.json["code"]) == (409, "another_ships")
    assert "供货商" in refused.json["detail"] or "supplier" in refused.json["detail"]
    assert at_shop.get(f"/shops/{shop.id}/parcels").json["items"] == []
    assert at_supplier.post(f"/orders/{order_id}/packages", {**PARCEL, "number": "SB3"}).status_code == 201
    assert orders_of_buyer(bought.buyer.ref, None, 1, None)["items"][0]["fulfilment"] == "shipped"


def test_its_buyer_receives_once_and_nobody_else_can(app: Flask, client: Client) -> None:
    sold = Sold(client, 2)
    early = sold.buyer.post(f"{sold.path}/receipt", {})
    assert (early.status_code, early.json["code"]) == (409, "not_shipped")
    sold.ship()
    assert client.as_(make.buyer().token).post(f"{sold.path}/receipt", {}).status_code == 404
    assert sold.staff.post(f"{sold.path}/receipt", {}).status_code == 404
    for _ in range(2):
        assert sold.buyer.post(f"{sold.path}/receipt", {}).status_code == 201
    assert sold.stands() == "received"
    said = text("SELECT count(*) FROM core_events WHERE name = 'OrderReceived' AND body->>'order_id' = :id")
    assert db.session.scalar(said, {"id": str(sold.id)}) == 1


def test_who_says_nothing_has_received_in_time_unless_a_case_is_open(app: Flask, client: Client) -> None:
    sold, disputed = Sold(client), Sold(client)
    for one in (sold, disputed):
        one.ship()
    claim = [Move(disputed.lines[0], CLAIM, 1)]
    in_transaction(lambda: move_lines(disputed.id, claim, ("system", None), ""))
    in_transaction(actions.receive_due)
    assert sold.stands() == "shipped", "not yet"
    with clock.moved(seconds=settings.auto_receive_seconds + 1):
        worker.sweep_once(["store.delivery.receive_by_time"])
    assert (sold.stands(), disputed.stands()) == ("received", "shipped")


def test_a_receipt_is_put_off_once(app: Flask, client: Client) -> None:
    sold = Sold(client)
    [package] = sold.ship().json["items"]
    path = f"/packages/{package['id']}/extension"
    assert client.as_(make.buyer().token).put(path, {}).status_code == 404
    assert sold.buyer.put(path, {}).json["items"][0]["receive_by"] > package["receive_by"]
    assert sold.buyer.put(path, {}).json["code"] == "put_off_already"
    with clock.moved(seconds=settings.auto_receive_seconds + 1):
        in_transaction(actions.receive_due)
    assert sold.stands() == "shipped"
    with clock.moved(seconds=settings.auto_receive_seconds + timedelta(days=3).total_seconds() + 1):
        in_transaction(actions.receive_due)
    assert sold.stands() == "received"


def test_a_carrier_tells_each_thing_once_and_that_a_parcel_arrived(app: Flask, client: Client) -> None:
    sold = Sold(client)
    sold.ship()
    headers, body = signed_track("SB1001", "delivered", "上海", "已签收")
    news = [client.post("/callbacks/carriers/sandbox", data=body, headers=headers).json["news"] for _ in range(3)]
    assert news == [1, 0, 0]
    [package] = sold.buyer.get(f"{sold.path}/packages").json["items"]
    assert [(one["state"], one["place"]) for one in package["tracks"]] == [("delivered", "上海")]
    assert package["delivered_at"] is not None
    said = text("SELECT count(*) FROM core_events WHERE name = 'ParcelDelivered' AND body->>'order_id' = :id")
    assert db.session.scalar(said, {"id": str(sold.id)}) == 1


def test_a_carriers_message_must_be_its_own_and_of_now(app: Flask, client: Client) -> None:
    sold = Sold(client)
    sold.ship()
    headers, body = signed_track("SB1001", "delivered")
    path = "/callbacks/carriers/sandbox"
    old = {HEADER: signature(settings.sandbox_secret, body, stamp=1_700_000_000)}
    forged = {HEADER: signature("guessed", body)}
    for wrong, status in ((old, 400), (forged, 401), ({}, 401)):
        assert client.post(path, data=body, headers=wrong).status_code == status
    assert client.post("/callbacks/carriers/sf", data=body, headers=headers).status_code == 400
    unknown = signed_track("SB9", "delivered")
    assert client.post(path, data=unknown[1], headers=unknown[0]).status_code == 404
    assert sold.buyer.get(f"{sold.path}/packages").json["items"][0]["tracks"] == []


def test_only_who_sent_a_parcel_plays_its_carrier(app: Flask, client: Client) -> None:
    sold = Sold(client)
    [package] = sold.ship().json["items"]
    path = f"/sandbox/packages/{package['id']}/tracks"
    assert client.as_(town.person().token).post(path, {"state": "moving"}).status_code == 404
    assert sold.staff.post(path, {"state": "moving", "place": "杭州"}).json["news"] == 1


def test_an_order_in_person_with_its_code_once_and_at_its_shop_only(app: Flask, client: Client) -> None:
    shop, elsewhere = town.shop(), town.shop()
    goods = [make.line(make.sku(), 1000, 2, shop.id)]
    bought = make.paid(make.purchase(goods, parcels={shop.id: Parcel(method=PICK_UP)}))
    order_id = bought.placed.orders[0].id
    buyer, staff, others = (client.as_(one) for one in (bought.buyer.token, shop.owner.token, elsewhere.owner.token))
    code = buyer.get(f"/orders/{order_id}/packages").json["pick_up_code"]
    assert len(code) == 8 and code.isdigit()
    assert staff.get(f"/orders/{order_id}/packages").json["pick_up_code"] is None
    assert staff.post(f"/orders/{order_id}/packages", PARCEL).json["code"] == "wrong_method"
    assert others.post(f"/shops/{elsewhere.id}/pick-ups", {"code": code}).status_code == 422
    assert others.post(f"/shops/{shop.id}/pick-ups", {"code": code}).status_code == 404
    counter = f"/shops/{shop.id}/pick-ups"
    assert staff.post(counter, {"code": "00000000"}).status_code == 422
    assert staff.post(counter, {"code": code}).status_code == 201
    assert buyer.get(f"/orders/{order_id}").json["fulfilment"] == "received"
    assert staff.post(counter, {"code": code}).status_code == 422


def test_of_two_who_enter_the_last_unit_at_once_one_does(app: Flask, client: Client) -> None:
    for _ in range(3):
        sold = Sold(client)
        who = Caller(person_id=sold.shop.owner.id)
        both = [partial(in_transaction, partial(actions.ship, who, sold.id, "sandbox", f"SB{n}")) for n in range(2)]
        assert refusals(together(app, *both)) == ["wrong_quantity"]


@pytest.mark.parametrize(
    ("language", "carrier", "words"),
    [
        ("zh-CN", "sf", "SF 加 12 至 15 位数字"),
        ("en", "sf", "SF and 12 to 15 digits"),
        ("en", "jt", "JT and 13 digits"),
    ],
)
def test_a_wrong_number_is_answered_with_the_form_of_right_ones(
    app: Flask, client: Client, language: str, carrier: str, words: str
) -> None:
    shop = town.shop()
    order_id = make.paid(make.purchase([make.line(make.sku(), 1000, 1, shop.id)])).placed.orders[0].id
    seller = Client(app, shop.owner.token, language)
    refused = seller.post(f"/orders/{order_id}/packages", {"carrier": carrier, "number": "不是"})
    assert refused.status_code == 422 and words in refused.json["errors"]["number"][0]


def test_a_carrier_that_is_none_is_answered_with_those_there_are(app: Flask, client: Client) -> None:
    shop = town.shop()
    order_id = make.paid(make.purchase([make.line(make.sku(), 1000, 1, shop.id)])).placed.orders[0].id
    for language, words in (("zh-CN", "圆通速递（yto）"), ("en", "yto (YTO Express)")):
        seller = Client(app, shop.owner.token, language)
        refused = seller.post(f"/orders/{order_id}/packages", {"carrier": "bird", "number": "1"})
        assert words in refused.json["errors"]["carrier"][0]
