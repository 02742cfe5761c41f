"""The largest amounts: every sum of them is told exactly, and what no payment could settle is refused before it is
owed."""

from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from app.core import money
from app.store.fulfilment.schemas import OrderPage
from app.store.ledger.queries import balance, is_balanced
from app.store.orders.schemas import PurchaseOut
from tests import make
from tests.client import Client

MOST_LINES, MOST_OF_ONE = 20, 99


def _goods(prices: list[int]) -> list[UUID]:
    shop = make.shop()
    return [make.product(shop, price=price, stock=1000).sku_id for price in prices]


def _checkout(buyer: Client, skus: list[UUID], quantity: int) -> Any:
    lines = [{"sku_id": str(sku), "quantity": quantity} for sku in skus]
    made = buyer.post("/checkouts", {"lines": lines})
    assert made.status_code == 201, made.json
    sent = buyer.patch(f"/checkouts/{made.json['id']}", {"address": make.ADDRESS})
    assert sent.status_code == 200
    return sent.json


def _purchase(buyer: Client, checkout: Any) -> Any:
    return buyer.post(f"/checkouts/{checkout['id']}/purchase", {"expected_total": checkout["total"]}, key=str(uuid4()))


def test_the_fullest_basket_of_the_dearest_goods_is_refused_with_its_exact_total(client: Client) -> None:
    buyer = client.as_(make.person().token)
    checkout = _checkout(buyer, _goods([money.LARGEST] * MOST_LINES), MOST_OF_ONE)
    total = money.LARGEST * MOST_LINES * MOST_OF_ONE
    assert checkout["total"] == total == 1_980_000_000_000_000
    refused = _purchase(buyer, checkout)
    assert (refused.status_code, refused.json["code"], refused.json["errors"]) == (
        409,
        "total_too_large",
        {"total": [total]},
    )
    again = buyer.get(f"/checkouts/{checkout['id']}").json
    assert (again["state"], again["purchase_id"]) == ("open", None)
    assert buyer.get("/me/orders").json["items"] == []


def test_the_largest_total_is_bought_paid_and_booked_and_one_more_is_refused(app: Flask, client: Client) -> None:
    buyer = client.as_(make.person().token)
    dear, small = _goods([money.LARGEST - 1, 1])
    assert _purchase(buyer, _checkout(buyer, [dear, small], 2)).status_code == 409
    over = _purchase(buyer, _checkout(buyer, [*_goods([money.LARGEST]), small], 1))
    assert (over.status_code, over.json["code"]) == (409, "total_too_large")
    bought = _purchase(buyer, _checkout(buyer, [dear, small], 1))
    assert (bought.status_code, bought.json["total"]) == (201, money.LARGEST)
    begun = buyer.post(f"/purchases/{bought.json['id']}/payments", {"gateway": "sandbox"}, key="k")
    assert (begun.status_code, begun.json["amount"]) == (201, money.LARGEST)
    assert buyer.post(f"/sandbox/payments/{begun.json['id']}/outcome", {"outcome": "paid"}).status_code == 200
    shown = buyer.get(f"/purchases/{bought.json['id']}").json
    assert (shown["status"], shown["total"]) == ("paid", money.LARGEST)
    assert PurchaseOut().dump(PurchaseOut().load(shown)) == shown
    page = buyer.get("/me/orders").json
    assert OrderPage().dump(OrderPage().load(page)) == page
    assert is_balanced() and balance("gateway:sandbox") == money.LARGEST


def test_many_of_the_dearest_goods_of_one_kind_are_refused_too(client: Client) -> None:
    buyer = client.as_(make.person().token)
    [sku] = _goods([money.LARGEST])
    checkout = _checkout(buyer, [sku], MOST_OF_ONE)
    assert checkout["lines"][0]["amount"] == money.LARGEST * MOST_OF_ONE
    assert _purchase(buyer, checkout).json["code"] == "total_too_large"
