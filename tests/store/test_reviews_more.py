"""What stands with a review: pictures, follow-ups, replies, votes, take-downs; and how reviews are found."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import PERSON, Ref
from app.core.counters import of as counts_of
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.uploads.queries import is_open
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import CLAIM, REFUND, Move
from app.store.orders.models import LineToPlace
from app.store.refunds.actions import grant
from app.store.refunds.models import Back
from app.store.reviews import actions, jobs, queries
from app.store.reviews.events import ReviewWritten
from app.store.reviews.queries import score_of
from app.store.reviews.schemas import WholeReviewsOut
from app.store.shops.models import AFTER_SALES, PACKER
from tests import make
from tests.client import Client
from tests.make import order as of
from tests.make.settlement import receive
from tests.store.racing import together

SYSTEM = ("system", None)


class Bought:
    """Somebody who has received a product: his order, its line, and a client that is him."""

    def __init__(self, client: Client, product: make.MadeProduct, quantity: int = 1, arrived: bool = True) -> None:
        self.person, self.product = make.person(), product
        line = LineToPlace(product.sku_id, product.id, product.shop.id, product.title, "默认", 100, quantity)
        made = of.paid(of.purchase([line], of.Buyer(self.person.token, Ref(PERSON, self.person.id))))
        self.order_id = made.placed.orders[0].id
        [self.line_id] = of.line_ids(self.order_id)
        self.client = client.as_(self.person.token)
        if arrived:
            receive(self.order_id)

    def says(self, rating: int = 5, text: str = "很好", **more: Any) -> Any:
        sent = {"line_id": str(self.line_id), "rating": rating, "text": text, **more}
        return self.client.post(f"/orders/{self.order_id}/reviews", sent)

    def said(self, rating: int = 5, text: str = "很好", **more: Any) -> UUID:
        done = self.says(rating, text, **more)
        assert done.status_code == 201, done.text
        return UUID(done.json["id"])

    def upload(self) -> str:
        return str(make.upload(self.person))


def listed(client: Client, product: make.MadeProduct, query: str = "") -> list[str]:
    return [one["text"] for one in client.get(f"/products/{product.id}/reviews{query}").json["items"]]


def test_a_buyer_reviews_a_line_of_his_order_once_it_has_arrived(app: Flask, client: Client) -> None:
    one = Bought(client, make.product(), arrived=False)
    assert one.says().json["code"] == "not_received"
    receive(one.order_id)
    done = one.says(4, "不错")
    assert (done.status_code, done.json["rating"], done.json["title"]) == (201, 4, one.product.title)
    assert (one.says().status_code, one.says().json["code"]) == (409, "already_reviewed")
    assert one.says(6).status_code == 422
    stranger = Bought(client, make.product())
    theirs = {"line_id": str(one.line_id), "rating": 5}
    for order_id in (one.order_id, stranger.order_id, uuid4()):
        assert stranger.client.post(f"/orders/{order_id}/reviews", theirs).status_code == 404
    mine = one.client.get(f"/orders/{one.order_id}/reviews").json
    assert WholeReviewsOut().validate(mine) == {} and len(mine["items"]) == 1
    assert stranger.client.get(f"/orders/{one.order_id}/reviews").status_code == 404


def test_pictures_of_a_review_are_public_and_counted_once(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    first, second = one.upload(), one.upload()
    assert one.says(uploads=[str(make.upload(make.person()))]).status_code == 422, "another's"
    db.session.rollback()
    review = one.said(uploads=[second, first, second])
    [shown] = client.get(f"/products/{one.product.id}/reviews").json["items"]
    urls = [picture["url"] for picture in shown["pictures"]]
    assert [url.split("/")[2] for url in urls] == [second, first]
    assert is_open(UUID(first)) and is_open(UUID(second))
    one.client.post(f"/reviews/{review}/follow-up", {"text": "还在用", "uploads": [one.upload()]})
    score = score_of(one.product.id)
    assert (score.pictured, score.pictured_share, score.count) == (1, 1.0, 1)
    in_transaction(lambda: actions.withdraw_review(review))
    assert (score_of(one.product.id).pictured, score_of(one.product.id).count) == (0, 0)


def test_a_follow_up_is_said_once_within_180_days(app: Flask, client: Client) -> None:
    one, late = (Bought(client, make.product()) for _ in range(2))
    review, old = one.said(), late.said()
    sent = {"text": "三个月后还是很好"}
    assert late.client.post(f"/reviews/{review}/follow-up", sent).status_code == 404, "another's"
    done = one.client.post(f"/reviews/{review}/follow-up", sent)
    assert (done.status_code, done.json["follow_up"]["text"]) == (201, sent["text"])
    again = one.client.post(f"/reviews/{review}/follow-up", sent)
    assert (again.status_code, again.json["code"]) == (409, "already_followed_up")
    with clock.moved(days=181), pytest.raises(Refused) as refused:
        caller = of.Buyer(late.person.token, Ref(PERSON, late.person.id)).caller
        in_transaction(lambda: actions.follow_up(caller, old, "太晚了"))
    assert refused.value.code == "too_late"


def test_who_serves_buyers_replies_and_may_change_it(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    shop, review = one.product.shop, one.said(2, "有点小")
    path = f"/reviews/{review}/reply"
    for who, status in ((make.person(), 404), (make.worker(shop, PACKER), 403)):
        assert client.as_(who.token).put(path, {"text": "亲"}).status_code == status
    server = client.as_(make.worker(shop, AFTER_SALES).token)
    assert server.put(path, {"text": "抱歉"}).json["reply"]["text"] == "抱歉"
    assert server.put(path, {"text": "已补发"}).status_code == 200
    [shown] = client.get(f"/products/{one.product.id}/reviews").json["items"]
    assert shown["reply"]["text"] == "已补发"
    desk = server.get(f"/shops/{shop.id}/reviews?replied=false").json["items"]
    assert desk == [] and len(server.get(f"/shops/{shop.id}/reviews?stars=2").json["items"]) == 1
    assert server.delete(path).status_code == 204
    assert len(server.get(f"/shops/{shop.id}/reviews?replied=false").json["items"]) == 1
    assert client.as_(make.person().token).get(f"/shops/{shop.id}/reviews").status_code == 404


def test_fifty_votes_at_once_are_fifty_and_a_person_has_one(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review = one.said()
    people = [make.person() for _ in range(25)]
    vote = [partial(in_transaction, partial(actions.find_helpful, who.id, review)) for who in people]
    for half in range(0, 50, 10):
        together(app, *(vote * 2)[half : half + 10])
    assert counts_of([review])[review]["helpful"] == 25
    assert one.client.put(f"/reviews/{review}/helpful").json["code"] == "own_review"
    voter = client.as_(people[0].token)
    for _ in range(2):
        assert voter.delete(f"/reviews/{review}/helpful").status_code == 204
    assert client.get(f"/products/{one.product.id}/reviews").json["items"][0]["helpful"] == 24
    assert voter.put(f"/reviews/{uuid4()}/helpful").status_code == 404


def test_reviews_are_narrowed_and_sorted(app: Flask, client: Client) -> None:
    product = make.product(stock=20)
    bad, fair, good = (Bought(client, product) for _ in range(3))
    first, second, third = bad.said(1, "差"), fair.said(3, "中", uploads=[fair.upload()]), good.said(5, "好")
    good.client.post(f"/reviews/{third}/follow-up", {"text": "仍然好"})
    for review, votes in ((first, 2), (second, 1)):
        for _ in range(votes):
            voter = make.person().id
            in_transaction(lambda review=review, voter=voter: actions.find_helpful(voter, review))
    worker.drain()
    assert listed(client, product) == ["好", "中", "差"]
    assert listed(client, product, "?sort=helpful") == ["差", "中", "好"]
    assert listed(client, product, "?stars=3") == listed(client, product, "?pictures=true") == ["中"]
    assert listed(client, product, "?followed_up=true") == ["好"]
    assert listed(client, product, "?followed_up=false&stars=1") == ["差"]
    page = client.get(f"/products/{product.id}/reviews?sort=helpful&limit=2").json
    assert listed(client, product, f"?sort=helpful&limit=2&cursor={page['next']}") == ["好"]
    assert (page["stars"], page["with_pictures"], page["with_pictures_share"]) == (
        {"1": 1, "2": 0, "3": 1, "4": 0, "5": 1},
        1,
        0.33,
    )
    assert client.get(f"/products/{product.id}/reviews?stars=6").status_code == 422


def test_what_is_taken_down_is_seen_and_counted_no_more_until_it_is_restored(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review, moderator = one.said(5, "加微信", uploads=[one.upload()]), make.person().id
    in_transaction(lambda: actions.take_down(review, "广告", moderator))
    assert listed(client, one.product) == [] and score_of(one.product.id).count == 0
    [mine] = one.client.get(f"/orders/{one.order_id}/reviews").json["items"]
    assert mine["takedown_reason"] == "广告"
    in_transaction(lambda: actions.change_review(review, rating=1))
    assert in_transaction(lambda: actions.withdraw_review(review)) is True
    assert queries.reviewable_line(one.person.id, one.product.id) is None, "or he could write it again"
    with pytest.raises(Exception, match="takedowns"):
        in_transaction(lambda: actions.take_down(review, "广告", moderator))
    db.session.rollback()
    for _ in range(2):
        in_transaction(lambda: actions.restore(review))
    score = score_of(one.product.id)
    assert (score.count, score.average, score.stars, score.pictured) == (1, 1.0, (1, 0, 0, 0, 0), 1)


def test_a_review_of_what_was_refunded_stays_and_says_so(app: Flask, client: Client) -> None:
    one = Bought(client, make.product(), quantity=2)
    one.said(1, "坏的")
    for expected in (False, True):
        in_transaction(lambda: move_lines(one.order_id, [Move(one.line_id, CLAIM, 1)], SYSTEM, ""))
        in_transaction(
            lambda: grant(one.order_id, [Back(one.line_id, REFUND, 1)], Ref("case", uuid4()), SYSTEM, "test")
        )
        [shown] = client.get(f"/products/{one.product.id}/reviews").json["items"]
        assert shown["refunded"] is expected


def test_a_review_from_before_gets_its_shop_and_its_stars_once(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review = one.said(4)
    steps = "DELETE FROM core_count_steps WHERE name = 'reviews_4'"
    for statement in ("UPDATE reviews_reviews SET shop_id = NULL", steps):
        in_transaction(lambda statement=statement: db.session.execute(text(statement)))
    assert score_of(one.product.id).stars == (0, 0, 0, 0, 0)
    for _ in range(2):
        in_transaction(lambda: jobs.fill_shops([ReviewWritten(review, one.product.id)]))
    assert score_of(one.product.id).stars == (0, 0, 0, 1, 0)
    desk = queries.shop_reviews(one.product.shop.id, queries.ALL, 20, None)
    assert [item["id"] for item in desk["items"]] == [review]
