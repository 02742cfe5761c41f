"""Scores of shops: each part from its rows, the whole by weights, and when there is none."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.caller import PERSON, Caller, Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.worker import drain, sweep_once
from app.store.aftersales import actions as cases
from app.store.delivery.actions import receive, ship
from app.store.reviews.actions import write_review
from app.store.scores import queries
from app.store.scores.kinds.base import Measure, Part
from tests import make
from tests.client import Client
from tests.make import order as bought
from tests.portal import at_portal
from tests.store.counting import queries_in

SWEEP = ["store.scores.compute_due_scores"]


class Sold:
    """A paid order of a person's of goods of a shop."""

    def __init__(self, shop: make.MadeShop, goods: make.MadeProduct | None = None) -> None:
        self.shop, self.person = shop, make.person()
        line = bought.line(bought.sku(), 1000, 1, shop.id)
        wanted = [replace(line, product_id=goods.id) if goods else line]
        buyer = bought.Buyer(self.person.token, Ref(PERSON, self.person.id))
        self.purchase = bought.paid(bought.purchase(wanted, buyer))
        self.id = self.purchase.placed.orders[0].id
        self.line_id = bought.line_ids(self.id)[0]

    def received(self) -> "Sold":
        in_transaction(lambda: ship(Caller(person_id=self.shop.owner.id), self.id, "sandbox", uuid4().hex, None))
        in_transaction(lambda: receive(Caller(person_id=self.person.id), self.id))
        return self

    def asks_back(self, client: Client) -> UUID:
        """The id of the case."""
        lines = [{"line_id": str(self.line_id), "units": 1}]
        asked = {"kind": "refund", "reason": "damaged", "lines": lines, "words": "碎了"}
        made = client.as_(self.person.token).post(f"/orders/{self.id}/aftersales", asked, key=uuid4().hex)
        assert made.status_code == 201, made.text
        return UUID(made.json["id"])


def score(shop: make.MadeShop) -> dict[str, Any] | None:
    """Computed now, whatever was due."""
    drain()
    in_transaction(lambda: db.session.execute(text("UPDATE scores_scores SET due_at = now()")))
    sweep_once(SWEEP)
    return in_transaction(lambda: queries.score_json(shop.id))


def parts(shop: make.MadeShop) -> dict[str, int]:
    found = score(shop)
    return {one["name"]: one["value"] for one in found["parts"]} if found else {}


def test_a_new_shop_has_no_score(app: Flask, client: Client) -> None:
    shop = make.shop()
    assert score(shop) is None
    assert client.get(f"/shops/{shop.id}").json["score"] is None
    for _ in range(4):
        Sold(shop)
    assert score(shop) is None, "four orders say nothing yet"


def test_a_shop_of_which_nobody_complains_has_full_points(app: Flask, client: Client) -> None:
    shop = make.shop()
    for _ in range(5):
        Sold(shop).received()
    assert parts(shop) == {"late": 100, "refunds": 100, "complaints": 100}
    found = client.get(f"/shops/{shop.id}").json["score"]
    assert (found["value"], {one["of"] for one in found["parts"]}) == (100, {5})


def test_orders_that_are_late_take_points(app: Flask) -> None:
    shop = make.shop()
    for _ in range(19):
        Sold(shop).received()
    Sold(shop)
    with clock.moved(seconds=settings.ship_within_seconds + 1):
        sweep_once(["store.lateness.compensate_late_orders"])
    assert parts(shop)["late"] == 50  # one in twenty, of one in ten at worst


def test_refunds_complaints_and_answers_are_counted(app: Flask, client: Client) -> None:
    shop = make.shop()
    sold = [Sold(shop).received() for _ in range(10)]
    seller, made = Caller(person_id=shop.owner.id), [one.asks_back(client) for one in sold[:6]]
    for case in made[:1]:
        in_transaction(lambda case=case: cases.approve(seller, case, "好的"))
    for case in made[1:5]:
        in_transaction(lambda case=case: cases.refuse(seller, case, "没有问题"))
    in_transaction(lambda: cases.appeal(Caller(person_id=sold[1].person.id), made[1], "真的碎了"))
    with clock.moved(days=3):
        sweep_once(["store.aftersales.end_due_cases"])
    found = parts(shop)
    assert found["answers"] == 83  # five of six; the sixth was agreed to when its time was over
    assert found["refunds"] == 0  # two of ten, as bad as can be
    assert found["complaints"] == 0


def test_stars_are_points(app: Flask) -> None:
    shop = make.shop()
    goods = make.product(shop)
    for rating in (5, 5, 4, 3, 3):
        one = Sold(shop, goods).received()
        in_transaction(lambda one=one, rating=rating: write_review(one.line_id, one.person.id, goods.id, rating, "好"))
    assert parts(shop)["reviews"] == 75  # four stars on average


def test_what_is_long_ago_counts_no_more(app: Flask) -> None:
    shop = make.shop()
    for _ in range(5):
        Sold(shop).received()
    ago = text("UPDATE fulfilment_orders SET began_at = began_at - interval '31 days'")
    in_transaction(lambda: db.session.execute(ago))
    assert score(shop) is None


@pytest.fixture
def added() -> Iterator[Part]:
    """A part of a higher room: half points for everybody, with the weight of all others together."""
    made = Part("kindness", "亲切", "Kindness", 60, lambda ids: {one: Measure(0.5, 9) for one in ids})
    queries.add_part(made)
    yield made
    queries._added.remove(made)


def test_parts_count_by_their_weight_and_rooms_above_add_theirs(app: Flask, added: Part) -> None:
    shop = make.shop()
    for _ in range(5):
        Sold(shop).received()
    found = score(shop)
    assert found is not None and found["value"] == 75  # 60 of 100, and 60 of 50
    assert [one["name"] for one in found["parts"]][-1] == "kindness"


def test_scores_are_due_once_a_day_and_cost_the_same_for_any_number(app: Flask) -> None:
    make.shop()
    drain()
    assert (sweep_once(SWEEP), sweep_once(SWEEP)) == (1, 0)
    with clock.moved(hours=25), queries_in() as one:
        assert sweep_once(SWEEP) == 1
    for _ in range(4):
        make.shop()
    drain()
    with clock.moved(hours=51), queries_in() as five:
        assert sweep_once(SWEEP) == 5
    assert len([x for x in five if x.startswith("SELECT")]) == len([x for x in one if x.startswith("SELECT")])


def test_a_merchant_sees_his_score_and_its_parts(app: Flask) -> None:
    shop = make.shop()
    assert "还没有评分" in at_portal(app, shop.owner, f"/portal/shops/{shop.id}/score").text
    for _ in range(5):
        Sold(shop).received()
    score(shop)
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/score")
    assert 'data-score="100"' in page.text and "按时发货" in page.text
