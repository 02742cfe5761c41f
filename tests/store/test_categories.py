"""The tree of categories: added to, renamed, moved, merged; what it asks of goods; brands."""

from itertools import count
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import worker
from app.core.audit import AuditRow
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.brands.actions import add_brand, change_brand
from app.store.brands.queries import brand_ids_named
from app.store.categories import actions, queries
from app.store.categories.models import DEEPEST, STARTING_CATEGORIES, STEP, AttributeWanted, Category
from tests import make
from tests.client import Client
from tests.pages import with_second_factor
from tests.statements import statements

_numbers = count(1)


def added(name: str, below: UUID | None = None) -> UUID:
    return in_transaction(lambda: actions.add_category(None, name, below).id)


def changed(category_id: UUID, **wanted: object) -> None:
    in_transaction(lambda: actions.change_category(None, category_id, wanted).id)


def row(category_id: UUID) -> Category:
    db.session.expire_all()
    found = db.session.get(Category, category_id)
    assert found is not None
    return found


def shelf(client: Client, category_id: UUID) -> list[str]:
    return [one["title"] for one in client.get(f"/categories/{category_id}/products").json["items"]]


def test_the_tree_holds_what_lies_below_each_and_is_read_at_once(client: Client) -> None:
    root = added("图书馆")
    child = added("文学", root)
    added("小说", child)
    with statements() as seen:
        tree = client.get("/categories/tree").json
    assert len(seen) == 1 and tree["next"] is None
    found = next(one for one in tree["items"] if one["name"] == "图书馆")
    assert [one["name"] for one in found["below"]] == ["文学"]
    assert [one["name"] for one in found["below"][0]["below"]] == ["小说"]
    assert len(tree["items"]) == len(STARTING_CATEGORIES) + 1
    assert all(one["below"] for one in tree["items"] if one["name"] not in {"其他", "图书馆"})


def test_the_tree_is_four_levels_deep_and_no_deeper(app: Flask) -> None:
    place = None
    for level in range(DEEPEST):
        place = added(f"第 {level} 级", place)
    with pytest.raises(Refused) as refused:
        added("第五级", place)
    assert list(refused.value.errors) == ["parent_id"]
    other = added("另一棵")
    added("它的下级", other)
    with pytest.raises(Refused):
        changed(other, parent_id=row(place).parent_id)


def test_goods_of_a_category_are_those_of_all_below_it_newest_first_in_pages(client: Client) -> None:
    root = added("图书馆")
    child = added("文学", root)
    shop = make.shop()
    titles = [make.product(shop, category_id=(root, child)[turn % 2]).title for turn in range(7)]
    assert shelf(client, root) == titles[::-1]
    assert shelf(client, child) == titles[1::2][::-1]
    first = client.get(f"/categories/{root}/products?limit=4").json
    rest = client.get(f"/categories/{root}/products?limit=4&cursor={first['next']}").json
    assert [one["title"] for one in first["items"] + rest["items"]] == titles[::-1] and rest["next"] is None
    with statements() as seen:
        shelf(client, root)
    assert len(seen) == 2


def test_a_category_that_moves_takes_all_below_it_along(client: Client) -> None:
    one, other = added("甲"), added("乙")
    child = added("丙", one)
    grandchild = added("丁", child)
    title = make.product(category_id=grandchild).title
    changed(child, parent_id=other)
    assert row(grandchild).path == row(other).path + row(child).path[-STEP:] + row(grandchild).path[-STEP:]
    assert (shelf(client, one), shelf(client, other)) == ([], [title])
    with pytest.raises(Refused) as refused:
        changed(other, parent_id=grandchild)
    assert list(refused.value.errors) == ["parent_id"]
    changed(child, parent_id=None)
    assert row(child).depth == 1 and shelf(client, other) == []


def test_goods_follow_a_new_name_and_a_merge_by_and_by(client: Client) -> None:
    old, new = added("旧名"), added("新家")
    child = added("下级", old)
    goods = [make.product(category_id=old) for _ in range(3)]
    inside = make.product(category_id=child)
    changed(old, name="新名")
    worker.sweep_once(["store.curation.follow_categories"])
    assert {client.get(f"/products/{one.id}").json["category"]["name"] for one in goods} == {"新名"}
    in_transaction(lambda: actions.merge_category(None, old, new).id)
    assert len(shelf(client, new)) == 4, "also those that have not followed yet"
    assert len(shelf(client, old)) == 4, "its id stands for the other"
    worker.sweep_once(["store.curation.follow_categories"])
    shown = client.get(f"/products/{goods[0].id}").json
    assert shown["category"] == {"id": str(new), "name": "新家"}
    assert client.get(f"/products/{inside.id}").json["category"]["name"] == "下级" and row(child).parent_id == new
    assert str(old) not in str(client.get("/categories/tree").json)
    listed = client.as_(goods[0].shop.owner.token).patch(f"/products/{goods[0].id}", {"category_id": str(old)})
    assert listed.json["category"]["name"] == "新家"
    with pytest.raises(Refused, match="merged_already"):
        in_transaction(lambda: actions.merge_category(None, old, new).id)


moves = st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 6), st.booleans()), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(moves)
def test_however_it_is_moved_and_merged_each_path_is_that_of_its_parent_and_its_own(app: Flask, steps: list) -> None:
    ids = [added(f"类 {next(_numbers)}") for _ in range(7)]
    for which, where, is_merge in steps:
        target = ids[where] if where >= 0 else None
        try:
            if is_merge and target is not None:
                in_transaction(lambda a=ids[which], b=target: actions.merge_category(None, a, b).id)
            else:
                changed(ids[which], parent_id=target)
        except Refused:
            db.session.remove()
    for one in db.session.query(Category):
        parent = row(one.parent_id) if one.parent_id else None
        assert one.path == (parent.path if parent else "") + f"{one.id.hex}/"
        assert one.depth <= DEEPEST


def test_rules_are_handed_down_to_those_that_had_the_same(client: Client) -> None:
    root = added("生鲜馆")
    same, other = added("水产", root), added("干货", root)
    changed(other, return_days=3)
    changed(root, return_days=0, needs_review=True)
    assert [row(one).return_days for one in (root, same, other)] == [0, 0, 3]
    assert row(other).needs_review and client.get(f"/categories/{same}").json["return_days"] == 0
    assert row(added("贝类", same)).return_days == 0


def test_two_categories_of_one_name_stand_in_two_places_only(app: Flask) -> None:
    one, other = added("甲"), added("乙")
    first = added("其它", one)
    second = added("其它", other)
    found = queries.categories_named({"甲/其它", "乙/其它", "其它", "没有"})
    assert {name: found[name].id for name in found} == {"甲/其它": first, "乙/其它": second, "其它": first}
    client = Client(app).as_(make.person(roles=("moderator",)).token)
    refused = client.post("/desk/categories", {"name": "其它", "parent_id": str(one)})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["name"])


def test_goods_fit_what_their_category_asks_for(client: Client) -> None:
    root = added("服装")
    child = added("衬衫", root)
    asked = [
        AttributeWanted("材质", "choice", ["棉", "麻"], is_required=True),
        AttributeWanted("重量", "number", unit="g"),
        AttributeWanted("颜色", "choice", ["红", "蓝"], is_required=True, is_axis=True),
    ]
    in_transaction(lambda: actions.ask_for(None, root, asked))
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    body = {"shop_id": str(shop.id), "title": "衬衫", "category_id": str(child)}
    red, blue = ({"name": one, "price": 100, "attributes": {"颜色": one}} for one in ("红", "蓝"))
    good = {**body, "attributes": {"材质": "麻", "重量": "230", "产地": "随州"}, "skus": [red, blue]}
    made = owner.post("/products", good)
    assert made.status_code == 201 and made.json["attributes"] == good["attributes"]
    for wrong, field in (
        ({"attributes": {}}, "材质"),
        ({"attributes": {"材质": "丝"}}, "材质"),
        ({"attributes": {"材质": "棉", "重量": "很轻"}}, "重量"),
        ({"skus": [{**red, "attributes": {"颜色": "紫"}}]}, "颜色"),
        ({"skus": [red, {**red, "name": "又红"}]}, "规格"),
    ):
        refused = owner.post("/products", {**good, **wrong})
        assert refused.status_code == 422 and field in refused.json["errors"]["attributes"][0], wrong
    draft = owner.post("/products", {**good, "attributes": {}, "state": "draft"}).json
    assert owner.patch(f"/products/{draft['id']}", {"state": "on_sale"}).status_code == 422
    filled = {"state": "on_sale", "attributes": {"材质": "棉"}}
    assert owner.patch(f"/products/{draft['id']}", filled).json["state"] == "on_sale"
    shown = client.get(f"/categories/{child}").json["attributes"]
    assert [(one["name"], one["is_axis"]) for one in shown] == [("材质", False), ("重量", False), ("颜色", True)]


def test_a_category_takes_only_goods_of_its_kind(client: Client) -> None:
    kind = added("餐饮券")
    changed(kind, goods_kind="service")
    shop = make.shop()
    body = {"shop_id": str(shop.id), "title": "双人餐", "category_id": str(kind), "skus": [{"price": 9900}]}
    owner = client.as_(shop.owner.token)
    assert list(owner.post("/products", body).json["errors"]) == ["goods_kind"]
    assert owner.post("/products", {**body, "goods_kind": "service"}).json["goods_kind"] == "service"


def test_a_brand_is_known_by_all_its_names_and_no_two_have_one(client: Client) -> None:
    brand = in_transaction(lambda: add_brand(None, "欧莱雅", ["L'Oréal", "LOREAL Paris"]).id)
    found = brand_ids_named(["loreal", "Ｌ'ＯＲÉＡＬ", "欧莱雅", "兰蔻", ""])
    assert found == {"loreal": brand, "Ｌ'ＯＲÉＡＬ": brand, "欧莱雅": brand}
    with pytest.raises(Refused):
        in_transaction(lambda: add_brand(None, "l oréal").id)
    in_transaction(lambda: change_brand(None, brand, name="巴黎欧莱雅").id)
    shown = client.get("/brands?q=巴黎").json["items"]
    assert [(one["name"], one["aliases"]) for one in shown] == [("巴黎欧莱雅", ["L'Oréal", "LOREAL Paris"])]
    goods = make.product(brand="LOREAL PARIS")
    assert client.get(f"/products/{goods.id}").json["brand_id"] == str(brand)


def test_a_moderator_tends_the_tree_in_the_browser_and_the_log_says_so(app: Flask) -> None:
    desk = with_second_factor(app, make.person(nickname="站长", roles=("moderator",)))[0]
    desk.open("/admin/categories").send("/categories", name="盲盒").follow()
    path = desk.path
    assert "盲盒" in desk.text
    desk.send(path.rpartition("/")[2], return_days="0", name="盲盒手办").follow()
    desk.send("/attributes", name="尺寸", kind="choice", choices="大，中、小", is_axis="1").follow()
    assert "大、中、小" in desk.text and "区分规格" in desk.text
    desk.send("/attributes", name="款式", kind="choice", choices="")
    assert desk.status == 422 and "款式" in desk.text
    desk.open(path).send("/removal").follow()
    assert "大、中、小" not in desk.text
    with statements() as seen:
        assert desk.open("/admin/categories").status == 200
    assert len(seen) < 25
    assert "盲盒 → 盲盒手办" in "".join(db.session.scalars(select(AuditRow.why)))
