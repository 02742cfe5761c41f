"""The issue's figures from the checkout to the bill: 30.00 of the platform over 100.00, 33.33, 0.01 of three shops."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import worker
from app.core.db import db
from app.store.ledger.queries import balance, shop_account
from app.store.settlement.queries import settled_account
from tests import make
from tests.client import Client
from tests.make.settlement import BILL, age_settlement, let_windows_pass, receive, settle
from tests.pages import Browser

PRICES = (10_000, 3_333, 1)
SHARES = (2_250, 750, 0)
"""3,000 in proportion to the prices, by the largest remainder."""


class Story:
    """A person with the coupon, three shops, and what he bought of them: `units` of each of the goods."""

    def __init__(self, client: Client, units: int = 1) -> None:
        self.client, self.person = client, make.person()
        self.buyer = client.as_(self.person.token)
        self.shops = [make.shop() for _ in PRICES]
        goods = [make.product(shop, price=price, stock=9) for shop, price in zip(self.shops, PRICES, strict=True)]
        coupon = make.coupon(make.coupons(terms={"tiers": [{"above": 0, "off": 3_000}]}), self.person.id)
        self.coupon = coupon.partition(":")[2]
        lines = [{"sku_id": str(one.sku_id), "quantity": units} for one in goods]
        opened = self.buyer.post("/checkouts", {"lines": lines, "offers": [coupon]}).json
        path = f"/checkouts/{opened['id']}"
        self.buyer.patch(path, {"address": make.ADDRESS})
        placed = self.buyer.post(f"{path}/purchase", {"expected_total": opened["total"]}, key="p").json
        self.total, self.purchase_id = placed["total"], placed["id"]
        by_shop = {one["shop_id"]: one["id"] for one in placed["orders"]}
        self.orders = [by_shop[str(shop.id)] for shop in self.shops]
        begun = self.buyer.post(f"/purchases/{placed['id']}/payments", {"gateway": "sandbox"}, key="y").json
        Browser(client.app).open(begun["pay_url"]).send("", outcome="paid")

    def order(self, place: int) -> dict[str, Any]:
        found: dict[str, Any] = self.buyer.get(f"/orders/{self.orders[place]}").json
        return found

    def asks(self, place: int, **more: Any) -> Any:
        """For one unit of what the shop at this place sold, before it is sent; or as is said."""
        line = self.order(place)["lines"][0]["id"]
        wish = {"kind": "refund", "reason": "no_reason", "lines": [{"line_id": line, "units": 1}], **more}
        return self.buyer.post(f"/orders/{self.orders[place]}/aftersales", wish, key=uuid4().hex)

    def has_coupon(self) -> bool:
        found = db.session.execute(text("SELECT state FROM coupons_coupons WHERE id = :id"), {"id": self.coupon})
        return found.scalar_one() == "unused"


def test_its_shares_add_up_and_no_line_goes_below_nothing(client: Client) -> None:
    story = Story(client)
    off = [sum(one["amount"] for one in story.order(place)["adjustments"]) for place in range(3)]
    assert (tuple(-one for one in off), story.total) == (SHARES, 13_334 - 3_000)
    assert [story.order(place)["total"] for place in range(3)] == [7_750, 2_583, 1]
    funders = {one["funder"] for place in range(3) for one in story.order(place)["adjustments"]}
    assert funders == {"platform"}


@pytest.mark.parametrize("units", [1, 3])
def test_unit_by_unit_the_refunds_sum_to_what_was_paid_and_one_fen_more_is_refused(client: Client, units: int) -> None:
    before, story = balance("funder:platform"), Story(client, units)
    assert balance("funder:platform") - before == 3_000
    for place in (2, 0, 1):
        paid = story.order(place)["total"]
        for unit in range(units):
            assert not story.has_coupon()
            left = paid - story.order(place)["refunded"]
            if unit == units - 1:
                case = story.asks(place, amount=left + 1)
                assert (case.status_code, case.json["code"]) == (422, "refund_too_large")
            assert story.asks(place).json["state"] == "granted"
        assert story.order(place)["refunded"] == paid
    refunds = story.buyer.get(f"/purchases/{story.purchase_id}").json["refunds"]
    assert sum(one["amount"] for one in refunds) == story.total
    assert balance("funder:platform") == before
    assert [balance(shop_account(shop.id)) for shop in story.shops] == [0, 0, 0]
    assert story.has_coupon(), "with the last of its orders it is the buyer's again"


def test_one_fen_more_than_was_paid_for_received_goods_is_refused(client: Client) -> None:
    story = Story(client)
    receive(UUID(story.orders[1]))
    case = story.asks(1, reason="damaged", amount=2_584)
    assert (case.status_code, case.json["errors"]) == (422, {"amount": [2_583]})
    assert story.asks(1, reason="damaged", amount=2_583).status_code == 201


def test_bills_follow_the_funder(app: Flask, client: Client) -> None:
    """The platform gives each shop what its coupon took off, and gets back its part of what is refunded."""
    before, story = balance("funder:platform"), Story(client)
    story.asks(1)
    for place in (0, 2):
        receive(UUID(story.orders[place]))
    let_windows_pass()
    settle()
    age_settlement(7)
    worker.sweep_once(BILL)
    for place, (goods, funded) in enumerate(zip((10_000, 0, 1), (2_250, 0, 0), strict=True)):
        owner = client.as_(story.shops[place].owner.token)
        bills = owner.get(f"/shops/{story.shops[place].id}/bills").json["items"]
        assert len(bills) == (0 if place == 1 else 1), "of a cancelled order nothing is left to be billed"
        assert [(one["goods"], one["funded"], one["net"]) for one in bills] == [(goods, funded, goods)] * len(bills)
        assert -balance(settled_account(story.shops[place].id)) == goods
    assert balance("funder:platform") - before == 2_250
