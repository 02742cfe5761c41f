"""What only a shop sees of its goods: why they were taken down, and pictures that are not public."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.store.catalogue import actions
from app.store.catalogue.schemas import ProductOut
from tests import make
from tests.client import Client
from tests.store.counting import queries_in


@pytest.fixture
def shop(app: Flask) -> make.MadeShop:
    return make.shop()


@pytest.fixture
def owner(client: Client, shop: make.MadeShop) -> Client:
    return client.as_(shop.owner.token)


def draft(owner: Client, shop: make.MadeShop) -> dict[str, Any]:
    picture = make.upload(shop.owner)
    wanted = {"shop_id": str(shop.id), "title": "杯", "skus": [{"price": 1}], "uploads": [str(picture)]}
    made = owner.post("/products", {**wanted, "state": "draft"})
    assert made.status_code == 201, made.json
    return made.json


def status_of(client: Client, made: dict[str, Any]) -> int:
    """Of the file without a signature."""
    return client.get("/" + made["pictures"][0]["url"].partition("?")[0]).status_code


def test_who_works_in_the_shop_is_told_why_goods_are_taken_down_and_nobody_else(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    goods = make.product(shop, uploads=[make.upload(shop.owner)])
    path = f"/products/{goods.id}"
    before = client.get(path).json
    assert before["takedown"] is None
    in_transaction(lambda: actions.take_down(goods.id, "假货", None))
    told = owner.get(path)
    assert told.status_code == 200
    assert told.json["takedown"]["reason"] == "假货"
    assert ProductOut().validate(told.json) == {}
    assert client.get("/" + told.json["pictures"][0]["url"]).status_code == 200
    others = (client, client.as_(make.shop().owner.token), client.as_(make.person().token))
    assert [other.get(path).status_code for other in others] == [404] * 3
    assert owner.patch(path, {"title": "改"}).json["takedown"] == told.json["takedown"]
    in_transaction(lambda: actions.restore(goods.id))
    assert client.get(path).json == owner.get(path).json == {**before, "title": "改"}


def test_telling_the_shop_costs_others_nothing(client: Client, owner: Client, shop: make.MadeShop) -> None:
    goods = make.product(shop)
    for who in (client, owner):
        with queries_in() as seen:
            who.get(f"/products/{goods.id}")
        assert len(seen) == 1
    in_transaction(lambda: actions.take_down(goods.id, "假货", None))
    with queries_in() as seen:
        client.get(f"/products/{goods.id}")
    assert len(seen) == 1


def test_pictures_of_a_draft_are_its_shops_until_it_is_on_sale(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    made = draft(owner, shop)
    path = f"/products/{made['id']}"
    assert client.get("/" + made["pictures"][0]["url"]).status_code == 200
    assert status_of(client, made) == 404
    other = owner.patch(path, {"uploads": [str(make.upload(shop.owner))]}).json
    assert status_of(client, other) == 404
    on_sale = owner.patch(path, {"state": "on_sale"}).json
    assert "?" not in on_sale["pictures"][0]["url"]
    assert (status_of(client, on_sale), status_of(client, made)) == (200, 404)


def test_pictures_of_a_draft_stay_its_shops_when_it_is_restored(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    made = draft(owner, shop)
    product_id = UUID(made["id"])
    in_transaction(lambda: actions.take_down(product_id, "假货", None))
    assert owner.patch(f"/products/{product_id}", {"state": "on_sale"}).status_code == 200
    assert status_of(client, made) == 404
    in_transaction(lambda: actions.restore(product_id))
    assert status_of(client, made) == 200
    second = draft(owner, shop)
    in_transaction(lambda: actions.take_down(UUID(second["id"]), "假货", None))
    in_transaction(lambda: actions.restore(UUID(second["id"])))
    assert status_of(client, second) == 404


def test_goods_are_listed_though_the_first_try_meets_a_deadlock(
    owner: Client, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def unlucky(*given: Any, **named: Any) -> Any:
        tries.append(1)
        made = listing(*given, **named)
        if len(tries) == 1:
            db.session.execute(db.text("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"))
        return made

    listing = actions.list_product
    monkeypatch.setattr(actions, "list_product", unlucky)
    made = owner.post("/products", {"shop_id": str(shop.id), "title": "杯", "skus": [{"price": 1}]})
    assert (made.status_code, len(tries)) == (201, 2)
