"""What is not sent in a parcel: bought, paid, handed over, had, refunded; over HTTP, as people do it."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.core import clock, worker
from app.core.db import db, in_transaction
from app.core.guests import new_guest_token
from app.store.fulfilment.models import LineProgress
from app.store.handover import actions
from app.store.orders.models import OrderLine
from app.store.refunds.models import Grant
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.store.racing import together


@pytest.fixture
def guest(client: Client) -> Client:
    return client.as_(new_guest_token())


def bought(app: Flask, guest: Client, goods: make.MadeProduct, units: int = 1) -> str:
    """Ordered and paid, without an address; answers the order's id."""
    made = guest.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": units}]}).json
    placed = guest.post(f"/checkouts/{made['id']}/purchase", {}, key=uuid4().hex)
    assert placed.status_code == 201, placed.text
    begun = guest.post(f"/purchases/{placed.json['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex).json
    Browser(app).open(begun["pay_url"]).send("", outcome="paid")
    worker.drain()
    db.session.remove()
    order = db.session.query(OrderLine).filter(OrderLine.purchase_id == UUID(placed.json["id"])).one().order_id
    return str(order)


def fill(client: Client, goods: make.MadeProduct, *codes: str) -> None:
    sent = client.as_(goods.shop.owner.token).post(f"/skus/{goods.sku_id}/codes", {"codes": list(codes)})
    assert sent.status_code == 201
    worker.drain()


def line(order_id: str) -> LineProgress:
    db.session.remove()
    return db.session.query(LineProgress).filter(LineProgress.order_id == UUID(order_id)).one()


def axes(guest: Client, order_id: str) -> tuple[Any, Any]:
    shown = guest.get(f"/orders/{order_id}").json
    return shown["fulfilment"], shown["aftersale"]


def test_codes_come_with_the_payment_and_the_order_is_received(app: Flask, client: Client, guest: Client) -> None:
    card = make.product(goods_kind="virtual", stock=0, title="季卡")
    fill(client, card, "A-1", "A-2", "A-3")
    order = bought(app, guest, card, 2)
    [mine] = guest.get("/me/codes").json["items"]
    assert (mine["codes"], mine["lacking"]) == (["A-1", "A-2"], 0)
    assert axes(guest, order) == ("received", "none")
    purchase = db.session.query(OrderLine).one().purchase_id
    in_transaction(lambda: actions.hand_out(purchase))
    assert len(guest.get("/me/codes").json["items"][0]["codes"]) == 2 and line(order).shipped == 2


def test_what_the_pool_lacks_is_handed_over_once_it_is_filled(app: Flask, client: Client, guest: Client) -> None:
    card = make.product(goods_kind="virtual", stock=5, title="季卡")
    order = bought(app, guest, card, 2)
    assert axes(guest, order) == ("unfulfilled", "none")
    fill(client, card, "B-1", "B-2")
    assert guest.get("/me/codes").json["items"][0]["codes"] == ["B-1", "B-2"]
    assert axes(guest, order) == ("received", "none")


def test_a_service_is_had_unit_by_unit_and_what_is_not_had_in_time_is_paid_back(
    app: Flask, client: Client, guest: Client
) -> None:
    tea = make.product(goods_kind="service", price=9900, title="下午茶")
    order = bought(app, guest, tea, 3)
    vouchers = guest.get("/me/vouchers").json["items"]
    counter = client.as_(tea.shop.owner.token)
    had = counter.post(f"/shops/{tea.shop.id}/redemptions", {"code": vouchers[0]["code"]})
    assert had.status_code == 201
    worker.drain()
    assert (line(order).received, axes(guest, order)[0]) == (1, "partly_shipped")
    with clock.moved(days=91):
        worker.sweep_once(["store.vouchers.expire_vouchers"])
        worker.drain()
        worker.drain()
    found = line(order)
    assert (found.cancelled, found.refunded_amount) == (2, 2 * 9900)
    assert sum(one.amount for one in db.session.query(Grant)) == 2 * 9900
    assert axes(guest, order)[0] == "received"


def test_vouchers_of_a_cancelled_order_are_void(app: Flask, client: Client, guest: Client) -> None:
    tea = make.product(goods_kind="service", title="下午茶")
    order = bought(app, guest, tea, 2)
    assert guest.post(f"/orders/{order}/cancellation", {"why": "不去了"}, key=uuid4().hex).status_code in {200, 201}
    worker.drain()
    assert {one["state"] for one in guest.get("/me/vouchers").json["items"]} == {"void"}
    code = guest.get("/me/vouchers").json["items"][0]["code"]
    refused = client.as_(tea.shop.owner.token).post(f"/shops/{tea.shop.id}/redemptions", {"code": code})
    assert refused.json["code"] == "void"


def test_of_a_counter_and_a_cancellation_that_meet_exactly_one_happens(
    app: Flask, client: Client, guest: Client
) -> None:
    tea = make.product(goods_kind="service", price=9900, title="下午茶")
    counter = client.as_(tea.shop.owner.token)
    for _ in range(8):
        order = bought(app, guest, tea)
        code = guest.get("/me/vouchers").json["items"][0]["code"]
        redeem = partial(counter.post, f"/shops/{tea.shop.id}/redemptions", {"code": code})
        cancel = partial(guest.post, f"/orders/{order}/cancellation", {"why": "不去了"}, key=uuid4().hex)
        had, cancelled = (answer.status_code for answer in together(app, redeem, cancel))
        found = line(order)
        assert (had == 201) != (cancelled in {200, 201}), (had, cancelled)
        assert (found.received, found.refunded) == ((1, 0) if had == 201 else (0, 1))


def test_what_a_buyer_has_of_his_codes_already_he_does_not_get_back(app: Flask, client: Client, guest: Client) -> None:
    card = make.product(goods_kind="virtual", stock=5, price=1000)
    order = bought(app, guest, card, 3)
    fill(client, card, "C-1")
    assert (guest.get("/me/codes").json["items"][0]["codes"], line(order).shipped) == (["C-1"], 1)
    sent = client.as_(card.shop.owner.token).post(f"/skus/{card.sku_id}/codes", {"codes": ["C-2"]})
    assert sent.json["added"] == 1, "and no worker has been there"
    assert guest.post(f"/orders/{order}/cancellation", {}, key="x").json["amount"] == 1000


def test_codes_that_were_cancelled_while_they_were_lacking_are_nobodys(
    app: Flask, client: Client, guest: Client
) -> None:
    card = make.product(goods_kind="virtual", stock=5, price=1000)
    order = bought(app, guest, card, 3)
    asked = {"kind": "refund", "reason": "other", "lines": [{"line_id": str(line(order).line_id), "units": 2}]}
    assert guest.post(f"/orders/{order}/aftersales", asked, key="x").json["refund"]["amount"] == 2000
    assert line(order).shipped == 0
    fill(client, card, "D-1", "D-2", "D-3")
    [mine] = guest.get("/me/codes").json["items"]
    assert (mine["codes"], mine["lacking"], line(order).shipped) == (["D-1"], 0, 1)


def expires_while_claimed(app: Flask, client: Client, guest: Client, units: int = 1) -> tuple[str, Any]:
    """A service that was had, claimed by a case, not had after all, and whose time is over: the order and the case."""
    tea = make.product(goods_kind="service", price=9900, title="下午茶")
    order = bought(app, guest, tea, units)
    counter, path = client.as_(tea.shop.owner.token), f"/shops/{tea.shop.id}/redemptions"
    had = [counter.post(path, {"code": one["code"]}).json["id"] for one in guest.get("/me/vouchers").json["items"]]
    claimed = {"kind": "refund", "reason": "missing", "lines": [{"line_id": str(line(order).line_id), "units": units}]}
    case = guest.post(f"/orders/{order}/aftersales", claimed, key=uuid4().hex)
    assert case.status_code == 201, case.text
    assert counter.delete(f"{path}/{had[0]}").status_code == 204
    with clock.moved(days=91):
        worker.sweep_once(["store.vouchers.expire_vouchers"])
        worker.drain()
    assert (line(order).claimed, line(order).refunded) == (units, 0), "the case has it"
    return order, case.json["id"]


@pytest.mark.parametrize("units", [1, 2])
def test_what_expired_while_a_case_claimed_it_is_paid_back_when_the_case_is_let_go(
    app: Flask, client: Client, guest: Client, units: int
) -> None:
    order, case = expires_while_claimed(app, client, guest, units)
    assert guest.post(f"/aftersales/{case}/withdrawal", {}, key=uuid4().hex).status_code == 201
    for _ in range(2):
        worker.drain()
        assert (line(order).refunded, line(order).claimed) == (1, 0)
    assert [one.amount for one in db.session.query(Grant)] == [9900]


def test_what_a_case_has_paid_back_is_not_paid_back_again_for_its_voucher(
    app: Flask, client: Client, guest: Client
) -> None:
    order, _ = expires_while_claimed(app, client, guest)
    with clock.moved(days=3):
        worker.sweep_once(["store.aftersales.end_due_cases"])
        worker.drain()
    assert [one.amount for one in db.session.query(Grant)] == [9900]
    assert line(order).refunded == 1
