"""What a shop's standing means for search, and what its keys may not do among people."""

from flask import Flask

from app.core.db import in_transaction
from app.core.worker import drain
from app.store.onboarding import actions, queries
from app.store.onboarding.models import RESUME, Verdict
from tests import make
from tests.client import Client
from tests.store.test_storefronts import CSV, opened


def found(client: Client, words: str) -> int:
    """How many goods are found by these words, once all is heard."""
    drain()
    return len(client.get(f"/search/products?q={words}").json["items"])


def test_goods_of_a_light_store_are_found_only_while_it_is_in_the_mall(app: Flask, client: Client) -> None:
    owner = make.person()
    made = opened(client, owner, goods={"format": "csv", "text": CSV})
    assert found(client, "青瓷茶杯") == 0
    for in_mall, many in ((True, 1), (False, 0)):
        client.as_(owner.token).patch(f"/shops/{made['id']}/lightstore", {"in_mall": in_mall})
        assert found(client, "青瓷茶杯") == many


def test_goods_of_a_suspended_shop_are_found_again_once_it_is_resumed(app: Flask, client: Client) -> None:
    goods, moderator = make.product(title="青瓷杯"), make.person(roles=("moderator",))
    assert found(client, "青瓷杯") == 1
    in_transaction(lambda: actions.suspend_shop(moderator.id, goods.shop.id, "卖假货"))
    assert found(client, "青瓷杯") == 0
    own = in_transaction(lambda: queries.files_of(goods.shop.id)[0].application)
    resumed = Verdict(RESUME, own.version, "", None, None)
    in_transaction(lambda: actions.decide(moderator.id, own.id, resumed))
    assert found(client, "青瓷杯") == 1


def test_a_key_is_no_person(app: Flask, client: Client) -> None:
    made, post = opened(client), make.post()
    key, goods = client.as_(made["token"]), make.product()
    lines = {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]}
    tries = [
        key.put(f"/posts/{post.id}/like"),
        key.post(f"/posts/{post.id}/comments", {"body": "好看"}),
        key.post("/posts", {"kind": "note", "title": "x"}),
        key.post("/checkouts", lines),
        key.post("/shops", {"name": "又一家"}),
        key.post("/lightstores", {"template": "plain", "name": "x", "slug": "another"}),
        key.patch("/me", {"nickname": "x"}),
        key.get("/me/orders"),
    ]
    assert [(one.status_code, one.json["code"]) for one in tries] == [(403, "not_for_keys")] * len(tries)
    assert key.get("/feed/explore").status_code == 200
    drain()
    assert client.get("/search/people?q=API").json["items"] == []


def test_goods_are_found_by_the_new_name_of_their_shop(app: Flask, client: Client) -> None:
    shop = make.shop(name="山野茶铺")
    make.product(shop=shop, title="青瓷杯")
    assert client.as_(shop.owner.token).patch(f"/shops/{shop.id}", {"name": "云间茶舍"}).status_code == 200
    assert (found(client, "云间茶舍"), found(client, "山野茶铺")) == (1, 0)
