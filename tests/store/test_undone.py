"""A redemption that is undone: the order goes on, and of a unit its buyer has the money or the service, never both."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.core import worker
from app.core.db import db
from app.store.fulfilment.models import OrderProgress
from app.store.settlement.models import Due
from tests import make
from tests.client import Client
from tests.store.racing import together
from tests.store.test_compensations import assert_sound
from tests.store.test_handover import axes, bought, line


class Had:
    """A paid order of a service, and the counter where it is had."""

    def __init__(self, app: Flask, client: Client, units: int = 1) -> None:
        person = make.person()
        self.app, self.buyer = app, client.as_(person.token)
        self.tea = make.product(goods_kind="service", price=9900, title="下午茶")
        self.order = bought(app, self.buyer, self.tea, units)
        self.counter = client.as_(self.tea.shop.owner.token)
        self.path = f"/shops/{self.tea.shop.id}/redemptions"
        self.codes = [one["code"] for one in reversed(self.buyer.get("/me/vouchers").json["items"])]

    def redeem(self, place: int = 0) -> Any:
        return self.counter.post(self.path, {"code": self.codes[place]})

    def undo(self, redeemed: Any) -> Any:
        return self.counter.delete(f"{self.path}/{redeemed.json['id']}")

    def claim(self, units: int = 1) -> Any:
        lines = [{"line_id": str(line(self.order).line_id), "units": units}]
        asked = {"kind": "refund", "reason": "missing", "lines": lines}
        return self.buyer.post(f"/orders/{self.order}/aftersales", asked, key=uuid4().hex)

    def approve(self, case: Any) -> Any:
        return self.counter.post(f"/aftersales/{case.json['id']}/approval", {}, key=uuid4().hex)

    def review(self) -> Any:
        said = {"line_id": str(line(self.order).line_id), "rating": 1, "text": "等了很久"}
        return self.buyer.post(f"/orders/{self.order}/reviews", said)

    def states(self) -> list[str]:
        return sorted(one["state"] for one in self.buyer.get("/me/vouchers").json["items"])

    def moved(self) -> tuple[int, int, int, int]:
        found = line(self.order)
        assert found.shipped == found.received
        assert_sound()
        return found.received, found.claimed, found.cancelled, found.refunded

    def due(self) -> list[Any]:
        db.session.remove()
        found = db.session.query(Due.due_at, OrderProgress.received_at)
        found = found.join(OrderProgress, OrderProgress.order_id == Due.order_id)
        return list(found.filter(Due.order_id == UUID(self.order)))


def test_what_was_not_had_after_all_can_be_cancelled_and_not_reviewed(app: Flask, client: Client) -> None:
    had = Had(app, client)
    redeemed = had.redeem()
    assert axes(had.buyer, had.order)[0] == "received" and len(had.due()) == 1
    assert had.undo(redeemed).status_code == 204
    assert axes(had.buyer, had.order) == ("unfulfilled", "none") and had.moved() == (0, 0, 0, 0)
    shown = had.buyer.get(f"/orders/{had.order}").json
    assert shown["received_at"] is None and had.due() == [], "its time for after-sales has not begun"
    assert had.review().json["code"] == "not_received"
    cancelled = had.buyer.post(f"/orders/{had.order}/cancellation", {}, key=uuid4().hex)
    assert cancelled.json["amount"] == 9900 and had.states() == ["void"]


def test_redeemed_undone_and_redeemed_again_it_is_received_from_the_last_time_on(app: Flask, client: Client) -> None:
    had = Had(app, client, 2)
    for _ in range(3):
        assert had.undo(had.redeem()).status_code == 204
        assert axes(had.buyer, had.order)[0] == "unfulfilled"
    first, _ = had.redeem(0), had.redeem(1)
    assert had.undo(first).status_code == 204 and axes(had.buyer, had.order)[0] == "partly_shipped"
    assert had.undo(first).json["code"] == "too_late", "undone before"
    had.redeem(0)
    worker.drain()
    [(due_at, received_at)] = had.due()
    assert had.moved() == (2, 0, 0, 0) and (due_at - received_at).days >= 1


def test_what_was_said_in_between_stays_said(app: Flask, client: Client) -> None:
    had = Had(app, client)
    redeemed = had.redeem()
    review = had.review()
    assert review.status_code == 201
    had.undo(redeemed)
    shown = [one["refunded"] for one in had.buyer.get(f"/products/{had.tea.id}/reviews").json["items"]]
    assert shown == [False], "a shop silences nobody by undoing what he had"
    had.undo(had.redeem())
    assert had.review().json["code"] in {"already_reviewed", "not_received"}
    had.buyer.post(f"/orders/{had.order}/cancellation", {}, key=uuid4().hex)
    assert [one["refunded"] for one in had.buyer.get(f"/products/{had.tea.id}/reviews").json["items"]] == [True]


def test_a_voucher_whose_unit_is_asked_back_is_not_redeemed(app: Flask, client: Client) -> None:
    had = Had(app, client)
    redeemed = had.redeem()
    case = had.claim()
    assert case.json["state"] == "requested"
    had.undo(redeemed)
    refused = had.redeem()
    assert (refused.status_code, refused.json["code"]) == (409, "claimed")
    assert had.approve(case).status_code == 201
    assert had.states() == ["void"] and had.moved() == (0, 0, 1, 1)
    assert axes(had.buyer, had.order) == ("cancelled", "refunded")
    assert had.redeem().json["code"] == "void"


def test_what_is_let_go_may_be_redeemed_again(app: Flask, client: Client) -> None:
    had = Had(app, client)
    redeemed = had.redeem()
    case = had.claim()
    had.undo(redeemed)
    had.buyer.post(f"/aftersales/{case.json['id']}/withdrawal", {})
    assert had.redeem().status_code == 201 and axes(had.buyer, had.order) == ("received", "none")


def test_what_was_paid_back_after_it_was_had_is_not_undone(app: Flask, client: Client) -> None:
    had = Had(app, client)
    redeemed = had.redeem()
    had.approve(had.claim())
    assert (had.undo(redeemed).json["code"], had.states(), had.moved()) == ("refunded", ["used"], (1, 0, 0, 1))


def test_a_refund_of_what_was_had_leaves_the_other_vouchers(app: Flask, client: Client) -> None:
    had = Had(app, client, 2)
    had.redeem(0)
    had.approve(had.claim())
    assert had.states() == ["unused", "used"]
    assert had.redeem(1).status_code == 201 and axes(had.buyer, had.order) == ("received", "partly_refunded")


@pytest.mark.parametrize("units", [1, 2])
def test_of_a_counter_and_an_approval_that_meet_one_wins(app: Flask, client: Client, units: int) -> None:
    for _ in range(4):
        had = Had(app, client, units)
        redeemed = [had.redeem(place) for place in range(units)]
        case = had.claim(units)
        for one in redeemed:
            had.undo(one)
        works = [partial(had.approve, case), *(partial(had.redeem, place) for place in range(units))]
        answers = [one.status_code for one in together(app, *works)]
        assert answers == [201, *[409] * units], answers
        assert had.moved() == (0, 0, units, units) and had.states() == ["void"] * units


def test_however_counter_and_buyer_meet_nobody_has_both(app: Flask, client: Client) -> None:
    for _ in range(6):
        had = Had(app, client, 2)
        redeemed = had.redeem(0)
        cancel = partial(had.buyer.post, f"/orders/{had.order}/cancellation", {}, key=uuid4().hex)
        answers = together(app, partial(had.undo, redeemed), partial(had.redeem, 1), cancel)
        assert all(one.status_code in {200, 201, 204, 409} for one in answers), [one.text for one in answers]
        received, _, cancelled, refunded = had.moved()
        states = had.states()
        assert (states.count("used"), states.count("void")) == (received, cancelled) and cancelled == refunded
