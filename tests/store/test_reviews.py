"""Reviews: only of what one has received, each line once, and their counts exact."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core import counters
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.catalogue.actions import take_down
from app.store.orders.models import LineToPlace, OrderLine
from app.store.reviews import actions, queries
from app.store.reviews.schemas import ReviewsOut
from tests import make
from tests.client import Client
from tests.make import order
from tests.make.settlement import receive
from tests.store.counting import queries_in


def bought(client: Client, who: Any, product: make.MadeProduct, paid: bool = True, arrived: bool = True) -> UUID:
    """The order line of a purchase of `product` by a person, paid and received."""
    line = LineToPlace(product.sku_id, product.id, product.shop.id, product.title, "默认", 9900, 1)
    made = order.purchase([line], order.Buyer(who.token, Ref("person", who.id)))
    if paid:
        payment = in_transaction(lambda: order.actions.pay_purchase(make_caller(who), made.id, "sandbox"))
        sent = order.callback(payment)
        assert client.post("/callbacks/sandbox", data=sent.body, headers=sent.headers).status_code == 200
        if arrived:
            receive(made.placed.orders[0].id)
    return db.session.scalars(db.select(OrderLine.id).where(OrderLine.purchase_id == made.id)).one()


def make_caller(who: Any) -> Any:
    return order.Caller(person_id=who.id)


def written(line: UUID, who: Any, product: make.MadeProduct, rating: int = 5, text: str = "好茶") -> UUID:
    return in_transaction(lambda: actions.write_review(line, who.id, product.id, rating, text).id)


def shown(client: Client, product: make.MadeProduct, query: str = "") -> dict[str, Any]:
    return client.get(f"/products/{product.id}/reviews{query}").json


def facts() -> list[str]:
    return list(db.session.scalars(db.text("SELECT name FROM core_events WHERE name LIKE 'Review%' ORDER BY id")))


def test_a_received_line_can_be_reviewed_once_and_is_shown(app: Flask, client: Client) -> None:
    who, product = make.person("小鱼"), make.product()
    line = bought(client, who, product)
    assert queries.reviewable_line(who.id, product.id) == line
    review = written(line, who, product, 4, "杯子<b>很</b>好")
    page = shown(client, product)
    assert ReviewsOut().validate(page) == {}
    [item] = page["items"]
    assert (item["id"], item["kind"], item["product_id"]) == (str(review), "review", str(product.id))
    assert (item["rating"], item["text"], item["author"]["nickname"]) == (4, "杯子<b>很</b>好", "小鱼")
    assert (page["average"], page["count"], page["next"]) == (4.0, 1, None)
    assert queries.reviewable_line(who.id, product.id) is None
    with pytest.raises(Refused) as refused:
        written(line, who, product)
    assert (refused.value.status, refused.value.code) == (409, "not_reviewable")
    assert facts() == ["ReviewWritten"]


def test_only_received_lines_of_ones_own_and_of_that_product_count(app: Flask, client: Client) -> None:
    who, other, product, another = make.person(), make.person(), make.product(), make.product()
    unpaid = bought(client, who, product, paid=False)
    paid = bought(client, other, product)
    not_there = bought(client, other, product, arrived=False)
    assert queries.reviewable_line(who.id, product.id) is None
    assert queries.reviewable_line(other.id, another.id) is None
    for line, author, goods in [
        (unpaid, who, product),
        (not_there, other, product),
        (paid, who, product),
        (paid, other, another),
    ]:
        with pytest.raises(Refused) as refused:
            written(line, author, goods)
        assert refused.value.status == 409
    assert shown(client, product)["count"] == 0


def test_who_buys_twice_may_review_twice_the_latest_first(app: Flask, client: Client) -> None:
    who, product = make.person(), make.product()
    first, second = bought(client, who, product), bought(client, who, product)
    assert queries.reviewable_line(who.id, product.id) == second
    written(second, who, product, 5)
    assert queries.reviewable_line(who.id, product.id) == first
    written(first, who, product, 2)
    assert (shown(client, product)["average"], shown(client, product)["count"]) == (3.5, 2)


def test_a_changed_or_withdrawn_review_moves_the_average_with_it(app: Flask, client: Client) -> None:
    who, product = make.person(), make.product()
    line = bought(client, who, product)
    review = written(line, who, product, 5)
    in_transaction(lambda: actions.change_review(review, rating=2, text="想了想"))
    in_transaction(lambda: actions.change_review(review, text="又想了想"))
    page = shown(client, product)
    assert (page["average"], page["count"], page["items"][0]["text"]) == (2.0, 1, "又想了想")
    in_transaction(counters.fold)
    assert in_transaction(lambda: actions.withdraw_review(review)) is True
    assert in_transaction(lambda: actions.withdraw_review(review)) is False
    empty = shown(client, product)
    assert (empty["items"], empty["next"], empty["average"], empty["count"]) == ([], None, None, 0)
    assert set(empty["stars"].values()) == {0}
    assert queries.reviewable_line(who.id, product.id) == line
    written(line, who, product, 3)
    assert shown(client, product)["average"] == 3.0
    with pytest.raises(Refused):
        in_transaction(lambda: actions.change_review(review, rating=1))


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_stars_are_one_to_five(app: Flask, client: Client, rating: int) -> None:
    who, product = make.person(), make.product()
    line = bought(client, who, product)
    with pytest.raises(Refused) as refused:
        written(line, who, product, rating)
    assert (refused.value.status, list(refused.value.errors)) == (422, ["rating"])


def test_reviews_come_newest_first_in_a_constant_number_of_queries(app: Flask, client: Client) -> None:
    product, ids = make.product(stock=50), []
    for _ in range(5):
        who = make.person()
        ids.append(str(written(bought(client, who, product), who, product)))
    seen, cursor = [], ""
    for _ in range(3):
        with queries_in() as statements:
            page = shown(client, product, f"?limit=2&cursor={cursor}")
        assert len(statements) == 5
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"] or ""
    assert (seen, cursor) == (ids[::-1], "")
    assert client.get(f"/products/{product.id}/reviews?cursor=x").status_code == 400


def test_goods_that_cannot_be_seen_have_no_reviews(app: Flask, client: Client) -> None:
    product = make.product()
    assert client.get(f"/products/{new_id()}/reviews").status_code == 404
    assert client.get(f"/products/{product.id}/reviews").status_code == 200
    in_transaction(lambda: take_down(product.id, "假货", None))
    assert client.get(f"/products/{product.id}/reviews").status_code == 404
