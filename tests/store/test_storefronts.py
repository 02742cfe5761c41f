"""Light stores: one call, their own address, the mall without them; and keys, each for one shop's doors."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.store.categories.models import STARTING_CATEGORIES
from app.store.shops import actions as shops
from app.store.storefronts.models import MOST_KEYS, is_slug
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.portal import at_portal

CSV = "external_id,title,price,category\nA1,青瓷茶杯,12.50,厨具\nA2,紫砂茶壶,88,厨具\nA3,没有价格,,厨具\n"


def opened(client: Client, owner: make.MadePerson | None = None, status: int = 201, **more: Any) -> dict[str, Any]:
    body = {"template": "brand", "name": "青山瓷器", "slug": f"qingshan-{uuid4().hex[:8]}", **more}
    answer = client.as_((owner or make.person()).token).post("/lightstores", body)
    assert answer.status_code == status, answer.text
    return answer.json


def test_one_call_opens_a_shop_with_page_goods_address_and_key(app: Flask, client: Client) -> None:
    made = opened(client, slug="qingshan", goods={"format": "csv", "text": CSV}, theme="violet")
    assert (made["url"], made["in_mall"], made["imported"]) == ("/s/qingshan", False, 2)
    assert "sandbox" in made["gateways"]
    assert [one["line"] for one in made["refused"]] == [4]
    page = client.get(f"/shops/{made['id']}/page").json
    assert (page["theme"], [one["title"] for one in page["sections"]]) == ("violet", ["经典款", "热卖", "新品"])
    assert len(page["sections"][2]["goods"]) == 2
    seen = Browser(app).open("/s/qingshan")
    assert seen.status == 200 and "青瓷茶杯" in seen.text and "noindex" in seen.text
    assert Browser(app).open("/s/nobody-here").status == 404
    key = client.as_(made["token"])
    assert key.get(f"/shops/{made['id']}/orders").status_code == 200
    goods = {"shop_id": made["id"], "title": "新杯子", "skus": [{"price": 100, "stock": 1}]}
    assert key.post("/products", goods).status_code == 201


def test_json_lines_are_taken_as_an_import_takes_them(app: Flask, client: Client) -> None:
    lines = (
        '{"id": "1", "title": "茶杯", "price": 12.5}\nnot json\n{"id": "2", "title": "茶壶", "price": 5, "stock": 0}\n'
    )
    made = opened(client, goods={"format": "jsonl", "text": lines})
    assert made["imported"] == 2 and [one["line"] for one in made["refused"]] == [2]
    stock = {one["title"]: one["in_stock"] for one in client.get(f"/shops/{made['id']}/products").json["items"]}
    assert stock == {"茶杯": True, "茶壶": False}


def test_its_goods_stand_in_no_list_of_the_mall_unless_it_opts_in(app: Flask, client: Client) -> None:
    """Nor in its search: tests/discover/test_shops_in_search.py."""
    owner = make.person()
    made = opened(client, owner, goods={"format": "csv", "text": CSV})
    category = next(one for one, name in STARTING_CATEGORIES.items() if name == "厨具")
    me = client.as_(owner.token)
    for in_mall, found in ((None, 0), (True, 2), (False, 0)):
        if in_mall is not None:
            changed = me.patch(f"/shops/{made['id']}/lightstore", {"in_mall": in_mall})
            assert changed.json["in_mall"] is in_mall
        assert len(client.get(f"/categories/{category}/products").json["items"]) == found


def test_it_sells_as_any_shop(app: Flask, client: Client) -> None:
    made = opened(client, goods={"format": "csv", "text": CSV})
    [_, cup] = client.get(f"/shops/{made['id']}/products").json["items"]
    sku = client.get(f"/products/{cup['id']}").json["skus"][0]["id"]
    held = client.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 2}]}).json
    guest = client.as_(held["guest_token"])
    guest.patch(f"/checkouts/{held['id']}", {"address": make.ADDRESS})
    placed = guest.post(f"/checkouts/{held['id']}/purchase", {}, key="k")
    assert placed.status_code == 201
    orders = client.as_(made["token"]).get(f"/shops/{made['id']}/orders").json["items"]
    assert [one["id"] for one in orders] == [placed.json["orders"][0]["id"]]


def test_an_address_is_taken_once(app: Flask, client: Client) -> None:
    owner = make.person()
    opened(client, owner, slug="qingshan")
    again = opened(client, owner, 409, slug="qingshan")
    assert again["code"] == "slug_taken" and "slug" in again["errors"]
    assert len(client.as_(owner.token).get("/me/shops").json["items"]) == 1


@pytest.mark.parametrize("slug", ["admin", "ab", "-abc", "abc-", "a--b", "ABC", "青山青", "a/b", "a" * 31, "s", "x\ny"])
def test_an_address_that_cannot_be_opens_nothing(app: Flask, client: Client, slug: str) -> None:
    owner = make.person()
    opened(client, owner, 422, slug=slug)
    assert client.as_(owner.token).get("/me/shops").json["items"] == []
    assert not is_slug(slug) and is_slug("a-b-c") and is_slug("qingshan2")


@pytest.mark.parametrize(
    "wrong",
    [
        {"template": "nonsense"},
        {"theme": "nonsense"},
        {"gateways": ["nonsense"]},
        {"goods": {"format": "csv", "text": "no,header\n1,2"}},
        {"goods": {"format": "jsonl", "text": '{"id": "1", "title": "x"}\n' * 501}},
        {"in_mall": "yes"},
    ],
)
def test_what_does_not_fit_opens_nothing(app: Flask, client: Client, wrong: dict[str, Any]) -> None:
    owner = make.person()
    opened(client, owner, 422, **wrong)
    assert client.as_(owner.token).get("/me/shops").json["items"] == []


def test_a_key_opens_its_own_shop_and_no_other_of_the_same_owner(app: Flask, client: Client) -> None:
    owner = make.person()
    made, other = opened(client, owner), make.shop(owner)
    goods = make.product(other)
    key = client.as_(made["token"])
    for path in ("orders", "staff", "deposit", "applications", "penalties", "lightstore"):
        assert key.get(f"/shops/{other.id}/{path}").status_code == 404, path
    assert key.put(f"/shops/{other.id}/page", {"theme": "tea"}).status_code == 404
    assert key.patch(f"/products/{goods.id}", {"title": "x"}).status_code == 404
    assert key.patch(f"/skus/{goods.sku_id}", {"price": 1}).status_code == 404
    assert [one["id"] for one in key.get("/me/shops").json["items"]] == [made["id"]]


def test_a_keys_role_says_what_it_may_do(app: Flask, client: Client) -> None:
    shop = make.shop()
    goods = make.product(shop)
    owner, path = client.as_(shop.owner.token), f"/shops/{shop.id}/keys"
    made = owner.post(path, {"name": "ERP", "role": "packer"}).json
    packer = client.as_(made["token"])
    assert packer.get(f"/shops/{shop.id}/orders").status_code == 200
    assert packer.patch(f"/products/{goods.id}", {"title": "x"}).status_code == 403
    assert packer.post(path, {"name": "再一个", "role": "reader"}).status_code == 403
    assert owner.post(path, {"name": "x", "role": "owner"}).status_code == 422
    listed = owner.get(path).json["items"]
    assert [(one["name"], one["role"], "token" in one) for one in listed] == [("ERP", "packer", False)]
    stored = db.session.scalar(text("SELECT hash FROM storefronts_keys"))
    assert made["token"].encode() not in bytes(stored)


@pytest.mark.parametrize("how", ["revoked", "let go"])
def test_a_key_that_is_gone_opens_nothing_at_the_next_request(app: Flask, client: Client, how: str) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    made = owner.post(f"/shops/{shop.id}/keys", {"name": "ERP", "role": "manager"}).json
    key = client.as_(made["token"])
    assert key.get(f"/shops/{shop.id}/orders").status_code == 200
    if how == "revoked":
        assert owner.delete(f"/shops/{shop.id}/keys/{made['id']}").status_code == 204
    else:
        agent = db.session.scalar(text("SELECT person_id FROM storefronts_keys"))
        assert owner.delete(f"/shops/{shop.id}/staff/{agent}").status_code == 204
    assert key.get(f"/shops/{shop.id}/orders").status_code == 401
    assert owner.get(f"/shops/{shop.id}/keys").json["items"] == []
    assert len(owner.get(f"/shops/{shop.id}/staff").json["items"]) == 1


def test_a_shop_has_so_many_keys_and_no_more(app: Flask, client: Client) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    for number in range(MOST_KEYS):
        assert owner.post(f"/shops/{shop.id}/keys", {"name": f"{number}", "role": "reader"}).status_code == 201
    assert owner.post(f"/shops/{shop.id}/keys", {"name": "x", "role": "reader"}).json["code"] == "too_many_keys"


def test_a_closed_light_store_says_so_at_its_address(app: Flask, client: Client) -> None:
    made = opened(client, slug="qingshan", goods={"format": "csv", "text": CSV})
    in_transaction(lambda: shops.close_shop(make.MadeShop(made["id"], "", make.person()).id, "suspended"))
    assert "本店暂停营业" in Browser(app).open("/s/qingshan").text


def test_a_merchant_makes_and_revokes_a_key_and_leaves_the_mall_in_a_browser(app: Flask, client: Client) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/settings")
    page.send("/keys", name="ERP", role="reader")
    assert page.status == 200
    token = page.text.split('<code id="token">')[1].split("<")[0]
    assert client.as_(token).get(f"/shops/{shop.id}/orders").status_code == 200
    assert token not in page.open(page.path).text
    page.open(f"/portal/shops/{shop.id}/settings").send("/revocation").follow()
    assert client.as_(token).get(f"/shops/{shop.id}/orders").status_code == 401
    page.send("/mall", in_mall="no").follow()
    assert client.get(f"/shops/{shop.id}").json["in_mall"] is False
    assert page.send("/keys", name="", role="reader").status == 422


def test_a_key_buys_nothing_and_waits_for_nothing(app: Flask, client: Client) -> None:
    shop, goods = make.shop(), make.product()
    owner = client.as_(shop.owner.token)
    key = client.as_(owner.post(f"/shops/{shop.id}/keys", {"name": "ERP", "role": "manager"}).json["token"])
    bought = key.post(f"/skus/{goods.sku_id}/purchase", {"address": make.ADDRESS}, key="x")
    assert (bought.status_code, bought.json["code"]) == (403, "not_for_keys")
    assert key.delete(f"/skus/{goods.sku_id}/alert").status_code == 403
