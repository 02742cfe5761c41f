"""A review of what its author has bought and received is also a review in the store."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.community.posts import actions
from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.orders.actions import pay_purchase
from app.store.orders.models import LineToPlace
from app.store.reviews.models import Review
from tests import make
from tests.client import Client
from tests.make import order
from tests.make.person import Made
from tests.make.post import MadePost
from tests.make.product import MadeProduct
from tests.make.settlement import receive
from tests.store.test_reviews_more import Bought


def buy(client: Client, who: Made, product: MadeProduct) -> None:
    """`who` has paid for `product`, and has it."""
    line = LineToPlace(product.sku_id, product.id, product.shop.id, product.title, "默认", 9900, 1)
    made = order.purchase([line], order.Buyer(who.token, Ref(PERSON, who.id)))
    payment = in_transaction(lambda: pay_purchase(Caller(person_id=who.id), made.id, "sandbox"))
    sent = order.callback(payment)
    assert client.post("/callbacks/sandbox", data=sent.body, headers=sent.headers).status_code == 200
    receive(made.placed.orders[0].id)


def review(who: Made, product: MadeProduct, **named: Any) -> MadePost:
    return make.post(who, [product], kind="review", rating=4, **named)


def in_store(client: Client, product: MadeProduct) -> tuple[int, Any, list[str]]:
    """Count, average and texts of the store's reviews of a product."""
    page = client.get(f"/products/{product.id}/reviews").json
    return page["count"], page["average"], [one["text"] for one in page["items"]]


def is_verified(client: Client, post: MadePost) -> bool:
    verified: bool = client.as_(post.author.token).get(f"/posts/{post.id}").json["verified"]
    return verified


def patch(client: Client, post: MadePost, **changes: Any) -> None:
    assert client.as_(post.author.token).patch(f"/posts/{post.id}", changes).status_code == 200


def test_a_buyers_review_is_verified_and_in_the_store(client: Client) -> None:
    who, product = make.person(), make.product()
    buy(client, who, product)
    post = review(who, product, body="杯子很好")
    assert is_verified(client, post)
    assert in_store(client, product) == (1, 4.0, ["杯子很好"])


def test_a_review_by_somebody_who_has_not_bought_it_is_not(client: Client) -> None:
    who, product, other = make.person(), make.product(), make.product()
    buy(client, who, other)
    buy(client, make.person(), product)
    post = review(who, product)
    assert not is_verified(client, post)
    assert in_store(client, product) == (0, None, [])


def test_one_purchase_is_one_verified_review(client: Client) -> None:
    who, product = make.person(), make.product()
    buy(client, who, product)
    first, second = review(who, product), review(who, product)
    assert is_verified(client, first)
    assert not is_verified(client, second)
    assert in_store(client, product)[0] == 1


def test_an_edited_review_says_the_same_in_the_store(client: Client) -> None:
    who, product, other = make.person(), make.product(), make.product()
    buy(client, who, product)
    post = review(who, product, body="旧")
    patch(client, post, body="新")
    assert in_store(client, product) == (1, 4.0, ["新"])
    patch(client, post, tags=[{"product_id": str(other.id)}])
    assert in_store(client, product)[0] == in_store(client, other)[0] == 0
    assert not is_verified(client, post)
    patch(client, post, tags=[{"product_id": str(product.id)}])
    assert in_store(client, product)[0] == 1
    assert is_verified(client, post)


def test_a_hidden_review_is_not_in_the_store(client: Client) -> None:
    who, product = make.person(), make.product()
    buy(client, who, product)
    post = review(who, product, visibility="private")
    assert in_store(client, product)[0] == 0
    patch(client, post, visibility="public")
    assert in_store(client, product)[0] == 1
    in_transaction(lambda: actions.take_down(post.id, "辱骂", new_id()))
    assert in_store(client, product) == (0, None, [])
    in_transaction(lambda: actions.restore(post.id))
    assert in_store(client, product)[0] == 1
    in_transaction(lambda: actions.delete_post(Caller(person_id=who.id), post.id))
    assert in_store(client, product)[0] == 0
    assert db.session.scalar(select(func.count()).select_from(Review)) == 0


def test_a_note_is_never_a_review_in_the_store(client: Client) -> None:
    who, product = make.person(), make.product()
    buy(client, who, product)
    post = make.post(who, [product])
    assert not is_verified(client, post)
    assert in_store(client, product)[0] == 0


def test_a_purchase_may_be_reviewed_again_after_its_review_is_deleted(client: Client) -> None:
    who, product = make.person(), make.product()
    buy(client, who, product)
    for text in ("一", "二"):
        post = review(who, product, body=text)
        assert in_store(client, product) == (1, 4.0, [text])
        assert client.as_(who.token).delete(f"/posts/{post.id}").status_code == 204


def test_a_review_that_is_told_as_a_post_is_changed_there(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    post = make.post(one.person, [one.product], kind="review", rating=4, body="杯子很好")
    review = db.session.scalars(select(Review.id)).one()
    for refused in (one.client.patch(f"/reviews/{review}", {"rating": 1}), one.client.delete(f"/reviews/{review}")):
        assert (refused.status_code, refused.json["code"]) == (409, "told_elsewhere")
    assert one.client.patch(f"/posts/{post.id}", {"body": "用久了掉色"}).status_code == 200
    [found] = client.get(f"/products/{one.product.id}/reviews").json["items"]
    assert (found["text"], found["edited_at"] is not None) == ("用久了掉色", True)
