"""A merchant puts up goods in a browser without script, and adds variants to them."""

import io
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db, in_transaction
from app.core.guests import new_guest_token
from app.core.ids import new_id
from app.store.catalogue.models import Product, ProductPicture
from app.store.categories.actions import add_category, ask_for
from app.store.categories.models import STARTING_CATEGORIES, AttributeWanted
from app.store.inventory.queries import available
from app.store.variants.models import Sku
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.portal import at_portal

WORDS = {"title": "手冲咖啡壶", "price": "128.5", "stock": "7"}


def photo(name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(make.picture_file(640, 480)), name


def at_form(app: Flask, shop: make.MadeShop) -> Browser:
    return at_portal(app, shop.owner, f"/portal/shops/{shop.id}/goods/new")


def listed() -> list[Product]:
    db.session.rollback()
    return list(db.session.scalars(select(Product)))


def skus() -> list[tuple[str, int, int]]:
    """(name, price in 分, stock) of all variants."""
    db.session.rollback()
    found = db.session.scalars(select(Sku).order_by(Sku.position)).all()
    stock = available([one.id for one in found])
    assert [one.position for one in found] == list(range(len(found)))
    return [(one.name, one.price, stock[one.id]) for one in found]


def test_who_opens_a_shop_lists_goods_in_the_portal_and_sells_them(app: Flask, client: Client) -> None:
    page = at_portal(app, make.person(), "/portal/shops").send("/portal/shops", name="小满的店").follow()
    shop_page = page.path
    assert f'href="{shop_page}/goods/new"' in page.text
    assert "flask catalogue" not in page.text
    category = next(iter(STARTING_CATEGORIES))
    told = {**WORDS, "description": "第一行\r\n第二行", "brand": "慢慢", "category_id": str(category)}
    page.open(f"{shop_page}/goods/new").send("/goods", **told, state="on_sale", pictures=[photo(), photo("b.jpg")])
    assert "已上架" in page.follow().text
    (made,) = listed()
    assert (made.title, made.description, made.brand) == ("手冲咖啡壶", "第一行\n第二行", "慢慢")
    assert (made.category_id, made.state) == (category, "on_sale")
    assert skus() == [("默认", 12850, 7)]
    assert len(client.get(f"/products/{made.id}").get_json()["pictures"]) == 2
    assert "手冲咖啡壶" in page.open(shop_page).text
    sku_id = client.get(f"/products/{made.id}").get_json()["skus"][0]["id"]
    buyer = client.as_(new_guest_token())
    assert buyer.post("/checkouts", {"lines": [{"sku_id": sku_id, "quantity": 2}]}).status_code == 201


def test_a_draft_is_seen_by_the_shop_alone(app: Flask, client: Client) -> None:
    page = at_form(app, make.shop()).send("/goods", **WORDS, state="draft").follow()
    (made,) = listed()
    assert "已保存" in page.text
    assert client.get(f"/products/{made.id}").status_code == 404
    page.send("/state", state="on_sale")
    assert client.get(f"/products/{made.id}").status_code == 200


def test_a_form_of_goods_that_is_sent_twice_lists_them_once(app: Flask) -> None:
    shop = make.shop()
    page = at_form(app, shop)
    sent = {**page.forms[0].fields, **WORDS, "state": "on_sale"}
    places = [
        page.post(f"/portal/shops/{shop.id}/goods", **sent, pictures=[photo()]).answer.headers["Location"]
        for _ in range(2)
    ]
    (made,) = listed()
    assert places == [f"/portal/products/{made.id}?done={done}" for done in ("listed", "known")]
    assert "没有重复添加，也没有改动" in page.follow().text
    assert len(db.session.scalars(select(ProductPicture)).all()) == 1
    other = make.shop()
    assert at_form(app, other).send("/goods", **WORDS, id=sent["id"]).status == 409
    old = at_form(app, other).send("/goods", **WORDS, id=str(UUID(int=new_id().int >> 4)))
    assert (old.status, len(listed())) == (422, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " \u200b"),
        ("price", "1e3"),
        ("price", "0"),
        ("price", ""),
        ("stock", "-1"),
        ("category_id", "01a20700-0000-7000-8000-000000000000"),
        ("category_id", "x"),
        ("brand", "x" * 81),
    ],
)
def test_a_fault_is_shown_beside_its_field_and_nothing_typed_is_lost(app: Flask, field: str, value: str) -> None:
    page = at_form(app, make.shop())
    told = {**WORDS, "description": "<b>我写的</b>", field: value}
    form_id = page.forms[0].fields["id"]
    page.send("/goods", **told, pictures=[photo()])
    assert (page.status, listed()) == (422, [])
    assert f'id="{field}-fault"' in page.text
    assert "&lt;b&gt;我写的&lt;/b&gt;" in page.text
    kept = page.forms[0].fields
    typed = {name: one for name, one in told.items() if name != "category_id"}
    assert {name: kept[name].lstrip("\n") for name in typed} == typed
    assert kept["id"] == form_id


def test_what_its_category_asks_for_is_said_though_the_form_has_no_field_for_it(app: Flask) -> None:
    shop, category = make.shop(), in_transaction(lambda: add_category(None, "衬衫").id)
    asks = [AttributeWanted("材质", "choice", ["棉", "麻"], is_required=True)]
    in_transaction(lambda: ask_for(None, category, asks))
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/goods/new")
    told = {"title": "衬衫", "category_id": str(category), "price": "99", "stock": "1"}
    page.send("/goods", **told, state="on_sale")
    assert page.status == 422 and "材质：必填" in page.text and 'value="衬衫"' in page.text


def test_what_is_no_picture_is_told_by_its_name_and_at_most_nine_are_taken(app: Flask) -> None:
    page = at_form(app, make.shop())
    page.send("/goods", **WORDS, pictures=[photo(), (io.BytesIO(b"%PDF-1.4"), "price-list.pdf")])
    assert (page.status, listed()) == (422, [])
    assert "price-list.pdf:" in page.text
    page.send("/goods", **WORDS, pictures=[photo(f"{one}.jpg") for one in range(10)])
    assert (page.status, listed()) == (422, [])
    assert "最多 9 张图片" in page.text


def test_a_variant_is_added_behind_the_others(app: Flask) -> None:
    cup = make.product(price=9900, stock=10)
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    assert f'href="/portal/products/{cup.id}/skus/new"' in page.text
    page.open(f"/portal/products/{cup.id}/skus/new").send("/skus", name="大号", price="120", stock="3").follow()
    assert "已保存" in page.text
    assert skus() == [("默认", 9900, 10), ("大号", 12000, 3)]
    page.open(f"/portal/products/{cup.id}/skus/new").send("/skus", name="大号", price="120", stock="3").follow()
    assert "没有重复添加" in page.text, "the button was pressed twice"
    page.open(f"/portal/products/{cup.id}/skus/new").send("/skus", name="大号", price="1", stock="3")
    assert page.status == 422
    assert "同名规格" in page.text
    assert page.forms[0].fields["name"] == "大号"
    page.send("/skus", name="小号", price="1.234", stock="3")
    assert (page.status, len(skus())) == (422, 2)
    assert 'id="price-fault"' in page.text


def test_nobody_lists_goods_in_another_persons_shop(app: Flask) -> None:
    shop, cup = make.shop(), make.product()
    page = at_form(app, make.shop())
    sent = {**page.forms[0].fields, **WORDS}
    assert page.post(f"/portal/shops/{shop.id}/goods", **sent).status == 404
    assert page.open(f"/portal/products/{cup.id}/skus/new").status == 404
    assert page.post(f"/portal/products/{cup.id}/skus", **{**sent, "name": "大号"}).status == 404
    assert [one.id for one in listed()] == [cup.id]
