"""The doors of purchases and orders."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.core.caller import PERSON, Ref
from app.core.ids import new_id
from app.store.fulfilment.schemas import OrderPage, WholeOrderOut
from app.store.orders.models import AdjustmentToPlace
from app.store.orders.schemas import PurchaseOut
from app.store.payments.schemas import PaymentToPayOut
from tests.client import Client
from tests.make import order as make
from tests.make.order import Buyer
from tests.make.person import person
from tests.make.shop import shop
from tests.store.counting import queries_in

SANDBOX = {"gateway": "sandbox"}


def _pay(client: Client, made: make.MadePurchase, outcome: str = "paid") -> str:
    buyer = client.as_(made.buyer.token)
    begun = buyer.post(f"/purchases/{made.id}/payments", SANDBOX, key=uuid4().hex)
    assert begun.status_code == 201
    played = buyer.post(f"/sandbox/payments/{begun.json['id']}/outcome", {"outcome": outcome})
    assert played.json["status"] == outcome
    return str(begun.json["id"])


def _at(client: Client, made: make.MadePurchase) -> Any:
    answer = client.as_(made.buyer.token).get(f"/purchases/{made.id}")
    assert answer.status_code == 200
    return answer.json


def test_a_purchase_is_shown_to_its_buyer_as_its_schema_says(client: Client) -> None:
    where, link = shop(), new_id()
    brought = {"link_id": link, "post_id": None, "promoter_id": new_id(), "own_purchase": False}
    lines = [
        make.line(make.sku(), 9900, 2, where.id, **brought, adjustments=[AdjustmentToPlace(-100, "C1", "platform")]),
        make.line(make.sku(), 500, 1),
    ]
    made = make.purchase(lines, address={"name": "小鱼", "phone": "1"}, note="轻放")
    found = _at(client, made)
    assert found == PurchaseOut().dump(PurchaseOut().load(found))
    assert (found["kind"], found["status"], found["total"], found["currency"]) == ("purchase", "unpaid", 20200, "CNY")
    assert (found["address"], found["note"], found["paid_at"]) == ({"name": "小鱼", "phone": "1"}, "轻放", None)
    first = next(one for one in found["orders"] if one["shop"]["id"] == str(where.id))
    assert (first["shop"]["name"], first["total"]) == (where.name, 19700)
    assert first["lines"][0]["adjustments"] == [{"amount": -100, "source": "C1", "name": "", "funder": "platform"}]
    assert first["lines"][0]["attribution"]["link_id"] == str(link)
    second = next(one for one in found["orders"] if one is not first)
    assert second["lines"][0]["attribution"] is None


def test_a_purchase_is_paid_through_the_sandbox(client: Client) -> None:
    made = make.purchase()
    failed = _pay(client, made, "failed")
    paid = _pay(client, made)
    found = _at(client, made)
    assert (found["status"], found["paid_at"] is not None) == ("paid", True)
    assert [(one["id"], one["status"]) for one in found["payments"]] == [(failed, "failed"), (paid, "paid")]
    assert found["refunds"] == []
    answer = client.as_(made.buyer.token).post(f"/purchases/{made.id}/payments", SANDBOX, key="again")
    assert (answer.status_code, answer.json["code"]) == (409, "purchase_paid")


def test_a_payment_needs_a_key_and_the_same_key_is_one_payment(client: Client) -> None:
    made = make.purchase()
    buyer, path = client.as_(made.buyer.token), f"/purchases/{made.id}/payments"
    assert (bare := buyer.post(path, SANDBOX)).status_code == 400, bare.json
    first, again = (buyer.post(path, SANDBOX, key="k") for _ in range(2))
    assert first.json == again.json == PaymentToPayOut().dump(first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (first.json["status"], first.json["amount"]) == ("pending", made.placed.total)
    assert first.json["pay_url"].startswith(f"/sandbox/pay/{first.json['id']}?pass=")
    assert buyer.post(path, {"gateway": "other"}, key="k").status_code == 422
    assert len(_at(client, made)["payments"]) == 1


def test_a_late_payment_shows_as_a_refund(client: Client) -> None:
    made = make.purchase()
    paid = make.payment(made)
    buyer = client.as_(made.buyer.token)
    assert buyer.post(f"/purchases/{made.id}/cancellation").status_code == 201
    assert buyer.post(f"/sandbox/payments/{paid.id}/outcome", {"outcome": "paid"}).status_code == 200
    found = _at(client, made)
    assert found["status"] == "cancelled"
    assert [(one["amount"], one["status"], one["reason"]) for one in found["refunds"]] == [
        (9900, "due", "purchase_cancelled")
    ]
    assert found == PurchaseOut().dump(PurchaseOut().load(found))


def test_an_unpaid_purchase_is_cancelled_and_a_paid_one_is_not(client: Client) -> None:
    made, bought = make.purchase(), make.purchase()
    _pay(client, bought)
    answer = client.as_(made.buyer.token).post(f"/purchases/{made.id}/cancellation", key="k")
    assert (answer.status_code, answer.json["status"]) == (201, "cancelled")
    again = client.as_(made.buyer.token).post(f"/purchases/{made.id}/cancellation", key="k")
    assert again.json == answer.json
    assert client.as_(made.buyer.token).post(f"/purchases/{made.id}/cancellation").status_code == 409
    refused = client.as_(bought.buyer.token).post(f"/purchases/{bought.id}/cancellation")
    assert (refused.status_code, refused.json["code"]) == (409, "purchase_paid")


def test_another_persons_purchase_is_not_there(client: Client) -> None:
    made = make.purchase()
    order = made.placed.orders[0].id
    stranger = client.as_(make.buyer().token)
    gone = uuid4()
    for method, path in [
        ("GET", "/purchases/{}"),
        ("POST", "/purchases/{}/payments"),
        ("POST", "/purchases/{}/cancellation"),
        ("GET", "/orders/{}"),
    ]:
        own = order if "orders" in path else made.id
        named: dict[str, Any] = {"json": SANDBOX, "key": "k"} if "payments" in path else {}
        assert client.send(method, path.format(own), **named).status_code == 401
        foreign, missing = (stranger.send(method, path.format(one), **named) for one in (own, gone))
        assert foreign.status_code == missing.status_code == 404
        assert {**foreign.json, "request_id": ""} == {**missing.json, "request_id": ""}
    assert _at(client, made)["status"] == "unpaid"


def test_an_order_is_shown_to_its_buyer_and_to_the_staff_of_its_shop_only(client: Client) -> None:
    where, other = shop(), shop()
    lines = [make.line(make.sku(), 100, 1, one.id) for one in (where, other)]
    made = make.purchase(lines, address={"name": "小鱼"}, note="轻放")
    order = next(one.id for one in made.placed.orders if one.shop_id == where.id)
    seen = client.as_(made.buyer.token).get(f"/orders/{order}").json
    assert seen == WholeOrderOut().dump(WholeOrderOut().load(seen))
    assert (seen["address"], seen["status"], seen["shop"]["name"]) == ({"name": "小鱼"}, "unpaid", where.name)
    assert client.as_(other.owner.token).get(f"/orders/{order}").status_code == 404
    staff = client.as_(where.owner.token)
    assert staff.get(f"/orders/{order}").json == {**seen, "address": None, "note": ""}, "not before it is paid"
    _pay(client, made)
    assert staff.get(f"/orders/{order}").json["address"] == {"name": "小鱼"}
    assert staff.get(f"/purchases/{made.id}").status_code == 404


def _pages(client: Client, path: str, limit: int) -> list[Any]:
    found, cursor = [], ""
    for _ in range(20):
        answer = client.get(f"{path}?limit={limit}&cursor={cursor}")
        assert answer.status_code == 200
        assert answer.json == OrderPage().dump(OrderPage().load(answer.json))
        found += answer.json["items"]
        cursor = answer.json["next"]
        if cursor is None:
            return found
    raise AssertionError("the list does not end")


def test_a_buyers_orders_come_newest_first_page_by_page(client: Client) -> None:
    who = make.buyer()
    wanted = []
    for _ in range(5):
        made = make.purchase([make.line(make.sku(), 100, 1), make.line(make.sku(), 200, 1)], who)
        wanted.append({str(one.id) for one in made.placed.orders})
    make.purchase()
    found = [one["id"] for one in _pages(client.as_(who.token), "/me/orders", 3)]
    assert len(found) == len(set(found)) == 10
    assert [set(found[place : place + 2]) for place in range(0, 10, 2)] == wanted[::-1]
    assert client.as_(who.token).get("/me/orders?cursor=altered").status_code == 400
    assert client.as_(make.buyer().token).get("/me/orders").json == {"items": [], "next": None}
    assert client.get("/me/orders").status_code == 401


def test_a_person_and_a_guest_with_the_same_id_see_only_their_own(client: Client) -> None:
    somebody = person()
    mine = make.purchase(who=Buyer(somebody.token, Ref(PERSON, somebody.id)))
    make.purchase(who=Buyer("", Ref("guest", somebody.id)))
    found = client.as_(somebody.token).get("/me/orders").json["items"]
    assert [one["purchase_id"] for one in found] == [str(mine.id)]


def test_a_shops_orders_are_for_its_staff_and_can_be_asked_by_status(client: Client) -> None:
    where, other = shop(), shop()
    made = [make.purchase([make.line(make.sku(), 100, 1, where.id)]) for _ in range(3)]
    make.purchase([make.line(make.sku(), 100, 1, other.id)])
    _pay(client, made[1])
    staff, path = client.as_(where.owner.token), f"/shops/{where.id}/orders"
    assert [one["purchase_id"] for one in _pages(staff, path, 2)] == [str(one.id) for one in made[::-1]]
    paid = staff.get(f"{path}?status=paid").json["items"]
    assert [one["purchase_id"] for one in paid] == [str(made[1].id)]
    assert staff.get(f"{path}?status=stolen").status_code == 422
    assert client.as_(other.owner.token).get(path).status_code == 404
    assert staff.get(f"/shops/{uuid4()}/orders").status_code == 404
    assert client.as_(made[0].buyer.token).get(path).status_code == 401, "a guest works nowhere"


@pytest.mark.parametrize("many", [1, 12])
def test_lists_and_pages_cost_the_same_queries_however_long_they_are(app: Flask, client: Client, many: int) -> None:
    who = make.buyer()
    lines = [make.line(make.sku(), 100, 1) for _ in range(many)]
    made = make.purchase(lines, who)
    with queries_in() as seen:
        client.as_(who.token).get("/me/orders?limit=50")
    assert len(seen) == 3, seen
    with queries_in() as seen:
        client.as_(who.token).get(f"/purchases/{made.id}")
    assert len(seen) == 5, seen
