"""What the doors say of the crowd: all its pages open, and the same numbers stand everywhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.community.posts.models import PRIVATE, Post
from app.core import worker
from app.core.caller import PERSON, Ref
from app.core.db import begin_reading, db
from app.core.plain import rows
from app.operate.crowd.kinds.base import Town
from app.store.catalogue.models import DRAFT, Product
from app.store.fulfilment.queries import orders_of_buyer
from app.store.orders.models import Order, Purchase
from app.store.orders.queries import purchase_page
from app.store.shops.models import Shop
from tests import make
from tests.client import Client
from tests.operate import crowd

PASSWORDS = {key: f"the password of {key}" for key in ("reader", "kol", "merchant", "moderator", "admin")}


@pytest.fixture
def settled(app: Flask) -> Iterator[Town]:
    """The town with its crowd; all listeners have heard of it."""
    found = crowd.settled(passwords=PASSWORDS)
    worker.drain()
    db.session.remove()
    begin_reading()
    yield found


def got(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.json)
    return answer.json


def all_items(client: Client, path: str) -> list[Any]:
    """All items of a list, page after page."""
    found, cursor = [], ""
    while cursor is not None:
        page = got(client, f"{path}{'&' if '?' in path else '?'}limit=50{cursor and '&cursor=' + cursor}")
        found += page["items"]
        cursor = page["next"]
    return found


def signed_in(client: Client, key: str) -> Client:
    answer = client.post("/sessions", {"username": f"demo-{key}", "password": PASSWORDS[key]})
    assert answer.status_code == 201, answer.json
    return client.as_(answer.json["access_token"])


def test_posts_and_goods_open_and_tell_what_their_rows_say(settled: Town, client: Client) -> None:
    likes = dict(rows("SELECT subject_id, count(*) FROM reactions_reactions WHERE name = 'like' GROUP BY 1"))
    for post in list(db.session.scalars(select(Post))):
        answer = client.get(f"/posts/{post.id}")
        assert answer.status_code == (404 if post.visibility == PRIVATE else 200)
        if answer.status_code == 200:
            assert answer.json["counts"]["likes"] == likes.get(post.id, 0)
            assert answer.json["verified"] == (post.review_id is not None)
            assert len(all_items(client, f"/posts/{post.id}/comments")) == answer.json["counts"]["comments"]
            assert client.get("/" + answer.json["pictures"][0]["url"]).status_code == 200
    for product in list(db.session.scalars(select(Product))):
        answer = client.get(f"/products/{product.id}")
        assert answer.status_code == (404 if product.state == DRAFT else 200)
        if answer.status_code == 200:
            reviews = got(client, f"/products/{product.id}/reviews")
            assert reviews["count"] == len(reviews["items"]) and bool(reviews["average"]) == bool(reviews["items"])


def test_the_feeds_the_search_and_the_links_lead_to_what_can_be_bought(settled: Town, client: Client) -> None:
    explored = all_items(client, "/feed/explore")
    assert len(explored) == len(rows("SELECT 1 FROM posts_posts WHERE visibility = 'public'"))
    star = settled.founders.people[0]
    profile = got(client, f"/people/{star}")
    person = make.person()
    follower = client.as_(person.token)
    assert follower.put(f"/people/{star}/follow").status_code < 300
    theirs = all_items(follower, "/feed/following")
    own = [one for one in all_items(client, f"/people/{star}/posts") if one["kind"] == "note"]
    assert len(theirs) == profile["counts"]["posts"] >= len(own) > 3
    found = all_items(client, f"/search/posts?q={theirs[0]['post']['tags'][0]['product']['title'].split()[0]}")
    assert found
    link = got(client, f"/links/{theirs[0]['post']['tags'][0]['link']['code']}")
    assert link["promoter"]["id"] == str(star) and link["post"]["id"] == theirs[0]["id"]
    goods = [one for one in explored if got(client, f"/links/{one['post']['tags'][0]['link']['code']}")["in_stock"]]
    tag = goods[0]["post"]["tags"][0]
    sku = next(one for one in got(client, f"/products/{tag['product']['id']}")["skus"] if one["in_stock"])
    opened = client.post(f"/links/{tag['link']['code']}/checkout", {"sku_id": sku["id"], "quantity": 1})
    assert opened.status_code == 201


def test_a_shop_and_its_buyers_see_the_same_orders(settled: Town, client: Client) -> None:
    merchant = signed_in(client, "merchant")
    shop = db.session.scalars(select(Shop).where(Shop.name == "雾里衣橱")).one()
    shown = all_items(merchant, f"/shops/{shop.id}/orders")
    orders = {str(one.id): one for one in db.session.scalars(select(Order).where(Order.shop_id == shop.id))}
    assert shown and {one["id"]: one["total"] for one in shown} == {one: row.total for one, row in orders.items()}
    for one in shown:
        assert one["total"] == sum(line["price"] * line["quantity"] for line in one["lines"])
        assert bool(one["address"]) == (one["status"] == "paid")
    for purchase in list(db.session.scalars(select(Purchase).where(Purchase.buyer_kind == PERSON).limit(40))):
        buyer = Ref(PERSON, purchase.buyer_id)
        page = purchase_page(buyer, purchase.id)
        assert page["total"] == sum(one["total"] for one in page["orders"]) and page["status"] == purchase.status
        mine = orders_of_buyer(buyer, None, 50, None)["items"]
        assert {one["id"] for one in page["orders"]} <= {one["id"] for one in mine}
        assert [one["status"] for one in page["payments"]].count("paid") == (purchase.status == "paid")
