"""Doors of goods: listing, showing, changing; the hot read is one query of live truth."""

import threading
from typing import Any
from uuid import UUID

import orjson
import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue.schemas import ProductOut, SkuOut
from app.store.inventory import actions as inventory
from tests import make
from tests.client import Client
from tests.store.counting import queries_in


@pytest.fixture
def shop(app: Flask) -> make.MadeShop:
    return make.shop()


@pytest.fixture
def owner(client: Client, shop: make.MadeShop) -> Client:
    return client.as_(shop.owner.token)


def wanted(shop: make.MadeShop, **named: Any) -> dict[str, Any]:
    return {"shop_id": str(shop.id), "title": "手工陶瓷杯", "skus": [{"price": 9900, "stock": 10}], **named}


def listed(owner: Client, shop: make.MadeShop, **named: Any) -> dict[str, Any]:
    made = owner.post("/products", wanted(shop, **named))
    assert made.status_code == 201, made.json
    return made.json


def test_listed_goods_are_on_sale_at_once_and_shown_as_they_were_sent(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    category = client.get("/categories").json["items"][0]
    picture = make.upload(shop.owner, 60, 80)
    skus = [
        {"name": "红", "price": 9900, "stock": 10, "attributes": {"颜色": "红"}},
        {"name": "蓝", "price": 8800, "stock": 0, "attributes": {"颜色": "蓝"}},
    ]
    more = {"description": "手工\n烧制 <b>", "brand": "山野", "category_id": category["id"], "uploads": [str(picture)]}
    made = listed(owner, shop, skus=skus, **more)
    shown = client.get(f"/products/{made['id']}")
    assert shown.json == made
    assert made["category"] == {"id": category["id"], "name": category["name"]}
    assert made["shop"] == {"id": str(shop.id), "name": shop.name}
    assert (made["title"], made["description"], made["brand"]) == ("手工陶瓷杯", "手工\n烧制 <b>", "山野")
    assert (made["kind"], made["state"], made["price"], made["in_stock"]) == ("product", "on_sale", 8800, True)
    told = [(one["name"], one["price"], one["stock"], one["in_stock"], one["attributes"]) for one in made["skus"]]
    assert told == [("红", 9900, 10, True, {"颜色": "红"}), ("蓝", 8800, 0, False, {"颜色": "蓝"})]
    [seen] = made["pictures"]
    assert (seen["id"], seen["width"], seen["height"]) == (str(picture), 60, 80)
    assert client.get("/" + seen["url"]).status_code == 200


def test_ready_bytes_are_what_the_schema_says(client: Client, owner: Client, shop: make.MadeShop) -> None:
    made = listed(owner, shop, uploads=[str(make.upload(shop.owner))])
    assert ProductOut().validate(made) == {}
    assert ProductOut().dump(ProductOut().load(made)).keys() == made.keys()
    patched = owner.patch(f"/skus/{made['skus'][0]['id']}", {"price": 1}).json
    assert SkuOut().validate(patched) == {}


def test_the_hot_read_is_one_query_and_answers_304_until_something_changes(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    made = listed(owner, shop, skus=[{"name": str(n), "price": 100 + n, "stock": n} for n in range(20)])
    path = f"/products/{made['id']}"
    with queries_in() as seen:
        first = client.get(path)
    assert len(seen) == 1
    same = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    [sku, *_] = [one["id"] for one in made["skus"] if one["stock"]]
    in_transaction(lambda: inventory.hold(make.as_staff(shop).buyer, [(UUID(sku), 1)], 60))
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_price_a_title_and_a_stock_are_shown_at_the_next_request(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    made = listed(owner, shop)
    sku, path = made["skus"][0]["id"], f"/products/{made['id']}"
    patched = owner.patch(f"/skus/{sku}", {"price": 8800, "stock": 3, "name": "大", "attributes": {"容量": "300ml"}})
    assert patched.status_code == 200
    assert patched.json == {
        "id": sku,
        "kind": "sku",
        "product_id": made["id"],
        "name": "大",
        "price": 8800,
        "stock": 3,
        "in_stock": True,
        "attributes": {"容量": "300ml"},
        "list_price": None,
        "lowest_30d": 8800,
        "min_units": 1,
        "max_units": None,
        "picture_id": None,
        "state": "on_sale",
        "code": None,
        "bar_code": "",
        "weight": 0,
    }
    shown = client.get(path).json
    assert shown["skus"] == [{key: patched.json[key] for key in shown["skus"][0]}]
    assert shown["price"] == 8800
    assert owner.patch(path, {"title": "青瓷杯"}).json["title"] == client.get(path).json["title"] == "青瓷杯"
    owner.patch(f"/skus/{sku}", {"stock": 0})
    assert (client.get(path).json["in_stock"], client.get(path).json["skus"][0]["stock"]) == (False, 0)
    assert owner.patch(path, {"state": "off"}).json["state"] == "off"
    owner.patch(f"/skus/{sku}", {"stock": 9})
    off = client.get(path).json
    assert (off["state"], off["in_stock"], off["skus"][0]["in_stock"], off["skus"][0]["stock"]) == (
        "off",
        False,
        False,
        9,
    )


def test_a_draft_is_shown_to_its_shop_only_until_it_is_put_on_sale(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    made = listed(owner, shop, state="draft")
    path = f"/products/{made['id']}"
    assert (made["state"], made["in_stock"]) == ("draft", False)
    assert (client.get(path).status_code, owner.get(path).json) == (404, made)
    assert owner.patch(path, {"state": "on_sale"}).status_code == 200
    assert client.get(path).status_code == 200
    back = owner.patch(path, {"state": "draft"})
    assert (back.status_code, back.json["code"], list(back.json["errors"])) == (409, "wrong_state", ["state"])


def test_goods_can_be_listed_and_changed_only_by_those_who_work_there(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    made, stranger = listed(owner, shop), client.as_(make.shop().owner.token)
    path, sku = f"/products/{made['id']}", f"/skus/{made['skus'][0]['id']}"
    tries = [
        lambda who: who.post("/products", wanted(shop)),
        lambda who: who.patch(path, {"title": "x"}),
        lambda who: who.patch(sku, {"price": 1}),
    ]
    for one in tries:
        assert (one(client).status_code, one(stranger).status_code) == (401, 404)
    assert client.get(path).json == made
    for absent in (f"/products/{new_id()}", f"/skus/{new_id()}"):
        assert owner.patch(absent, {}).status_code == 404


def test_pictures_are_ones_own_and_another_clerks_may_stay(client: Client, owner: Client, shop: make.MadeShop) -> None:
    mine, other = make.upload(shop.owner), make.upload(make.person())
    refused = owner.post("/products", wanted(shop, uploads=[str(other)]))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["uploads"])
    made = listed(owner, shop, uploads=[str(mine), str(mine)])
    assert [one["id"] for one in made["pictures"]] == [str(mine)]
    path, second = f"/products/{made['id']}", make.upload(shop.owner)
    both = owner.patch(path, {"uploads": [str(second), str(mine)]}).json
    assert [one["id"] for one in both["pictures"]] == [str(second), str(mine)]
    assert owner.patch(path, {"uploads": [str(other)]}).status_code == 422
    assert owner.patch(path, {"uploads": []}).json["pictures"] == []
    assert client.get("/" + made["pictures"][0]["url"]).status_code in {403, 404}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "长" * 201}, "title"),
    ({"title": "\u200b\u3164"}, "title"),
    ({"description": "x" * 20_001}, "description"),
    ({"category_id": "018f0000-0000-7000-8000-000000000000"}, "category_id"),
    ({"category_id": "x"}, "category_id"),
    ({"skus": []}, "skus"),
    ({"skus": [{"price": 1}] * 101}, "skus"),
    ({"skus": [{"price": 12.7}]}, "skus"),
    ({"skus": [{"price": 0}]}, "skus"),
    ({"skus": [{"price": 10**12 + 1}]}, "skus"),
    ({"skus": [{"price": 1, "stock": -1}]}, "skus"),
    ({"skus": [{"price": 1, "stock": 10**9 + 1}]}, "skus"),
    ({"skus": [{"price": 1, "attributes": {"a": 1}}]}, "skus"),
    ({"skus": [{"price": 1, "attributes": {str(n): "x" for n in range(21)}}]}, "skus"),
    ({"skus": [{}]}, "skus"),
    ({"skus": [{"price": 1, "name": "\u2060"}]}, "skus"),
    ({"skus": [{"price": 1}, {"price": 2}]}, "skus"),
    ({"skus": [{"price": 1, "name": "e\u0301"}, {"price": 2, "name": "\xe9"}]}, "skus"),
    ({"uploads": [str(new_id())]}, "uploads"),
    ({"uploads": "x"}, "uploads"),
    ({"state": "off"}, "state"),
    ({"shop_id": None}, "shop_id"),
]


def test_what_is_wrong_is_named_and_nothing_is_listed(client: Client, owner: Client, shop: make.MadeShop) -> None:
    for change, field in BAD:
        refused = owner.post("/products", wanted(shop, **change))
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), change
    assert client.get(f"/shops/{shop.id}/products").json == {"items": [], "next": None}
    made = listed(owner, shop)
    for change in [
        {"price": -1},
        {"price": 1.5},
        {"stock": -1},
        {"stock": "5"},
        {"price": None},
        {"name": ""},
        {"name": "\xad"},
    ]:
        assert owner.patch(f"/skus/{made['skus'][0]['id']}", change).status_code == 422, change
    for change in [{"state": "gone"}, {"title": " "}, {"category_id": str(new_id())}]:
        assert owner.patch(f"/products/{made['id']}", change).status_code == 422, change
    assert client.get(f"/products/{made['id']}").json == made


def test_two_variants_of_one_product_never_have_one_name(client: Client, owner: Client, shop: make.MadeShop) -> None:
    skus = [{"name": name, "price": 1} for name in ("红", "蓝", "红", "绿", "红")]
    refused = owner.post("/products", wanted(shop, skus=skus), headers={"Accept-Language": "en"})
    reason = {"name": ["Another variant of this product has this name."]}
    assert (refused.status_code, refused.json["errors"]) == (422, {"skus": {"2": reason, "4": reason}})
    made, other = listed(owner, shop, skus=skus[:2]), listed(owner, shop, skus=skus[:1])
    renamed = owner.patch(f"/skus/{made['skus'][1]['id']}", {"name": "红", "price": 2, "stock": 5})
    assert (renamed.status_code, list(renamed.json["errors"])) == (422, ["name"])
    assert client.get(f"/products/{made['id']}").json == made, "of a refused change nothing stays"
    assert owner.patch(f"/skus/{made['skus'][1]['id']}", {"name": "蓝", "price": 2}).status_code == 200
    assert owner.patch(f"/skus/{other['skus'][0]['id']}", {"name": "蓝"}).status_code == 200


def in_order(body: dict[str, Any]) -> dict[str, Any]:
    """For a client's call: a body with its keys in this order, which the test client would sort."""
    return {"data": orjson.dumps(body), "content_type": "application/json"}


def test_attributes_keep_the_order_in_which_they_were_given(client: Client, owner: Client, shop: make.MadeShop) -> None:
    given = {"颜色": "红", "b": "1", "尺寸": "大", "a": "2"} | {str(n): "x" for n in (10, 9, 2)}
    made = owner.post("/products", **in_order(wanted(shop, skus=[{"price": 1, "attributes": given}]))).json
    path, sku = f"/products/{made['id']}", f"/skus/{made['skus'][0]['id']}"
    assert list(made["skus"][0]["attributes"].items()) == list(given.items())
    # A change of something else writes the variant's JSON anew, from its row.
    assert list(owner.patch(sku, {"price": 2}).json["attributes"].items()) == list(given.items())
    turned = dict(reversed(given.items()))
    assert list(owner.patch(sku, **in_order({"attributes": turned})).json["attributes"].items()) == list(turned.items())
    assert owner.patch(sku, {"price": 3}).status_code == 200
    assert list(client.get(path).json["skus"][0]["attributes"].items()) == list(turned.items())


def test_the_same_key_lists_once(owner: Client, shop: make.MadeShop) -> None:
    first, again = (owner.post("/products", wanted(shop), key="k1") for _ in range(2))
    assert first.json == again.json
    assert len(owner.get(f"/shops/{shop.id}/products").json["items"]) == 1


def test_shelves_show_what_is_on_sale_newest_first_in_two_queries(
    client: Client, owner: Client, shop: make.MadeShop
) -> None:
    category = client.get("/categories").json["items"][3]["id"]
    ids = [listed(owner, shop, title=f"杯 {n}", category_id=category)["id"] for n in range(7)]
    owner.patch(f"/products/{ids[2]}", {"state": "off"})
    listed(owner, shop, state="draft", category_id=category)
    make.product()
    expected = [one for one in ids[::-1] if one != ids[2]]
    for path in (f"/shops/{shop.id}/products", f"/categories/{category}/products"):
        seen, cursor = [], ""
        for _ in range(2):
            with queries_in() as statements:
                page = client.get(f"{path}?limit=3&cursor={cursor}").json
            assert len(statements) == 2
            seen += [one["id"] for one in page["items"]]
            cursor = page["next"] or ""
        assert (seen, cursor) == (expected, "")
        assert client.get(f"{path}?cursor=x").status_code == 400


def test_categories_come_in_pages_in_their_order(client: Client) -> None:
    whole = client.get("/categories").json
    roots = [one for one in whole["items"] if one["parent_id"] is None]
    assert whole["items"][: len(roots)] == roots and 20 <= len(roots) < len(whole["items"]) == 50
    assert whole["items"][0].keys() == {"id", "kind", "name", "parent_id"}
    first = client.get("/categories?limit=20").json
    second = client.get(f"/categories?limit=30&cursor={first['next']}").json
    assert first["items"] + second["items"] == whole["items"] and second["next"] == whole["next"]
    following = client.get(f"/categories?cursor={whole['next']}").json
    assert {one["parent_id"] for one in following["items"]} <= {one["id"] for one in roots}


def test_prices_changed_at_once_leave_prepared_json_true(app: Flask, client: Client, shop: make.MadeShop) -> None:
    """Twenty changes of two variants and of the title at once: what is shown is what is in the rows."""
    owner = client.as_(shop.owner.token)
    made = listed(owner, shop, skus=[{"name": "a", "price": 1}, {"name": "b", "price": 2}])
    skus, codes = [one["id"] for one in made["skus"]], []

    def change(number: int) -> None:
        codes.append(owner.patch(f"/skus/{skus[number % 2]}", {"price": 100 + number}).status_code)
        codes.append(owner.patch(f"/products/{made['id']}", {"title": f"第 {number} 个名字"}).status_code)

    hands = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    assert codes == [200] * 12
    shown = client.get(f"/products/{made['id']}").json
    rows = db.session.execute(db.text("SELECT id::text, price FROM catalogue_skus")).all()
    assert {one["id"]: one["price"] for one in shown["skus"]} == dict(tuple(row) for row in rows)
    assert shown["title"] == db.session.scalar(db.text("SELECT title FROM catalogue_products"))
