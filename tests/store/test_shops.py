"""Shops: opening one, and who works there."""

import pytest
from flask import Flask

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.shops import actions, models, queries
from tests import make
from tests.client import Client


def test_whoever_opens_a_shop_owns_it_and_works_there(app: Flask, client: Client) -> None:
    owner = make.person()
    made = client.as_(owner.token).post("/shops", {"name": " 山野茶铺 "})
    assert made.status_code == 201
    assert made.json.keys() == {"id", "kind", "name", "created_at", "state"}
    assert (made.json["kind"], made.json["name"], made.json["state"]) == ("shop", "山野茶铺", "open")
    shop = client.get(f"/shops/{made.json['id']}").json
    assert made.json.items() <= shop.items()
    [mine] = client.as_(owner.token).get("/me/shops").json["items"]
    assert mine == {**{name: made.json[name] for name in ("id", "kind", "name", "created_at")}, "role": "owner"}
    assert db.session.scalars(db.text("SELECT name FROM core_events WHERE name = 'ShopOpened'")).all() == ["ShopOpened"]


def test_a_stranger_opens_no_shop_and_an_absent_one_is_not_found(app: Flask, client: Client) -> None:
    assert client.post("/shops", {"name": "茶铺"}).status_code == 401
    assert client.get("/me/shops").status_code == 401
    assert client.get(f"/shops/{new_id()}").status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "长" * 61, None, 5, "\x00", "\u200b", "\u3164 \u2800"])
def test_a_shop_needs_a_name_that_can_be_shown(app: Flask, client: Client, name: object) -> None:
    refused = client.as_(make.person().token).post("/shops", {"name": name})
    assert refused.status_code == 422 and refused.json["errors"].keys() == {"name"}


def test_only_staff_pass_and_everybody_else_finds_nothing(app: Flask) -> None:
    shop = make.shop()
    assert queries.require_staff(shop.id, shop.owner.id).id == shop.id
    for shop_id, person_id in [(shop.id, make.person().id), (new_id(), shop.owner.id)]:
        with pytest.raises(Refused) as refused:
            queries.require_staff(shop_id, person_id)
        assert refused.value.status == 404


def test_my_shops_come_newest_first_page_by_page_and_without_those_of_others(app: Flask, client: Client) -> None:
    owner = make.person()
    opened = [str(make.shop(owner).id) for _ in range(5)]
    make.shop()
    me, seen, cursor = client.as_(owner.token), [], None
    for _ in range(3):
        page = me.get("/me/shops?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (opened[::-1], None)
    assert me.get("/me/shops?cursor=forged").status_code == 400


def test_shops_by_id_answers_those_that_there_are(app: Flask) -> None:
    shop = make.shop()
    assert {one.name for one in queries.shops_by_id([shop.id, new_id()]).values()} == {shop.name}
    assert queries.shops_by_id([]) == {}


@pytest.mark.parametrize("role", [models.PACKER, models.AFTER_SALES, models.READER])
def test_who_works_there_without_the_right_sees_goods_and_changes_none(app: Flask, client: Client, role: str) -> None:
    shop = make.shop()
    goods = make.product(shop=shop, price=100)
    worker = client.as_(make.worker(shop, role).token)
    refused = worker.patch(f"/products/{goods.id}", {"title": "新名字"})
    assert (refused.status_code, refused.json["code"]) == (403, "no_right")
    assert worker.patch(f"/skus/{goods.sku_id}", {"price": 1}).status_code == 403
    new = {"shop_id": str(shop.id), "title": "茶", "skus": [{"price": 100}]}
    assert worker.post("/products", new).status_code == 403
    assert worker.get(f"/shops/{shop.id}/orders").status_code == 200


def test_a_manager_changes_goods_and_says_not_who_works_there(app: Flask, client: Client) -> None:
    shop = make.shop()
    goods = make.product(shop=shop, price=100)
    manager = make.worker(shop, models.MANAGER)
    assert client.as_(manager.token).patch(f"/skus/{goods.sku_id}", {"price": 90}).status_code == 200
    with pytest.raises(Refused) as refused:
        actions.give_role(Caller(person_id=manager.id), shop.id, make.person().id, models.PACKER)
    assert refused.value.status == 403


def test_an_owner_stays_the_owner(app: Flask) -> None:
    shop = make.shop()
    for person, role in ((shop.owner.id, models.READER), (make.person().id, models.OWNER)):
        with pytest.raises(Refused) as refused:
            actions.give_role(Caller(person_id=shop.owner.id), shop.id, person, role)
        assert refused.value.code == "owner_stays"
