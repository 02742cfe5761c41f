"""A merchant changes goods in a browser without script: words and pictures, one variant, many at once, stock."""

import io
from uuid import UUID

from flask import Flask

from app.core import clock, worker
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue.models import Product
from app.store.categories.actions import add_category, ask_for
from app.store.categories.models import AttributeWanted
from app.store.inventory.actions import hold
from app.store.inventory.queries import available
from app.store.shops.models import READER
from app.store.variants.models import Sku, SkuWanted
from app.store.warehouses.models import Warehouse
from tests import make
from tests.client import Client
from tests.pages import Browser, Form
from tests.portal import at_portal
from tests.statements import statements

EDIT, VARIANT = "/edit", "/portal/skus"


def photo(name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(make.picture_file(640, 480)), name


def product(of: make.MadeProduct) -> Product:
    db.session.remove()
    return db.session.get_one(Product, of.id)


def sku(sku_id: UUID) -> Sku:
    db.session.remove()
    return db.session.get_one(Sku, sku_id)


def asked(page: Browser, path: str) -> int:
    with statements() as seen:
        assert page.open(path).status == 200
    return len(seen)


def test_words_category_attributes_and_times_are_changed_in_one_form(app: Flask, client: Client) -> None:
    goods = make.product(title="旧名", description="旧介绍")
    category = in_transaction(lambda: add_category(None, "衬衫").id)
    in_transaction(lambda: ask_for(None, category, [AttributeWanted("材质", "choice", ["棉", "麻"], is_required=True)]))
    page = at_portal(app, goods.shop.owner, f"/portal/products/{goods.id}/edit")
    told = {"title": "新名", "description": "第一行\r\n第二行", "category_id": str(category), "brand": "山野"}
    page.send(EDIT, **told)
    assert page.status == 422 and "材质" in page.text and "新名" in page.text, "what was typed stands there again"
    page.open(f"/portal/products/{goods.id}/edit").send(EDIT, **told, attributes="材质：麻\n产地: 随州").follow()
    assert "已保存" in page.text
    shown = client.get(f"/products/{goods.id}").json
    assert (shown["title"], shown["description"], shown["brand"]) == ("新名", "第一行\n第二行", "山野")
    assert (shown["category"]["name"], shown["attributes"]) == ("衬衫", {"材质": "麻", "产地": "随州"})
    page.open(f"/portal/products/{goods.id}/edit").send(EDIT, off_sale_at="2027-01-01T08:00").follow()
    at = product(goods).off_sale_at
    assert at is not None and clock.iso(at) == "2027-01-01T00:00:00Z"
    assert 'value="2027-01-01T08:00"' in page.open(f"/portal/products/{goods.id}/edit").text
    page.send(EDIT, attributes="没有冒号")
    assert page.status == 422


def test_pictures_are_added_put_in_order_and_taken_away(app: Flask, client: Client) -> None:
    goods = make.product()
    path = f"/portal/products/{goods.id}/edit"
    page = at_portal(app, goods.shop.owner, path).send(EDIT, pictures=[photo(), photo("b.jpg")]).follow()
    first, second = (one["id"] for one in client.get(f"/products/{goods.id}").json["pictures"])
    page.open(path).send(EDIT, order="2 1", pictures=[photo("c.jpg")]).follow()
    found = [one["id"] for one in client.get(f"/products/{goods.id}").json["pictures"]]
    assert found[:2] == [second, first] and len(found) == 3
    page.open(f"/portal/skus/{goods.sku_id}").send(EDIT, picture_id=found[2]).follow()
    assert str(sku(goods.sku_id).picture_id) == found[2]
    page.open(path).send(EDIT, order="2").follow()
    assert [one["id"] for one in client.get(f"/products/{goods.id}").json["pictures"]] == [first]
    assert sku(goods.sku_id).picture_id is None, "a variant shows no picture that its goods do not"


def test_a_variant_has_its_codes_limits_and_alerts_on_one_page(app: Flask, client: Client) -> None:
    goods = make.product(price=10000, stock=5)
    page = at_portal(app, goods.shop.owner, f"{VARIANT}/{goods.sku_id}")
    told = {"code": "SKU-1", "bar_code": "6901234567892", "weight": "350", "min_units": "2", "max_units": "6"}
    page.send(EDIT, **told, price="99.5", low_at="5", attributes="颜色：红").follow()
    assert "已保存" in page.text and "¥99.50" in page.text and "盘点" in page.text
    found = sku(goods.sku_id)
    assert (found.code, found.weight, found.min_units, found.max_units) == ("SKU-1", 350, 2, 6)
    assert (found.price, found.attributes) == (9950, {"颜色": "红"})
    page.send(EDIT, list_price="200")
    assert page.status == 422 and "划线价" in page.text and 'value="200"' in page.text
    page.open(f"{VARIANT}/{goods.sku_id}").send("/movements", reason="received", units="3", why="到货").follow()
    assert "到货" in page.text and available([goods.sku_id])[goods.sku_id] == 8
    page.send("/movements", reason="damaged", units="99")
    assert page.status == 422
    assert asked(page, f"{VARIANT}/{goods.sku_id}") < 25


def test_stock_that_was_sold_while_the_form_stood_open_is_not_set_back(app: Flask) -> None:
    goods = make.product(stock=5)
    page = at_portal(app, goods.shop.owner, f"{VARIANT}/{goods.sku_id}")
    in_transaction(lambda: hold(Ref("checkout", new_id()), [(goods.sku_id, 2)], 600))
    page.send(EDIT, stock="9")
    assert page.status == 422 and "库存刚刚变为 3" in page.text
    page.open(f"{VARIANT}/{goods.sku_id}")
    in_transaction(lambda: hold(Ref("checkout", new_id()), [(goods.sku_id, 1)], 600))
    page.send(EDIT, price="7").follow()
    assert (sku(goods.sku_id).price, available([goods.sku_id])[goods.sku_id]) == (700, 2)


def table_form(page: Browser) -> Form:
    return next(one for one in page.forms if one.method == "post" and "/table" in one.action)


def save(page: Browser, **fields: str) -> Browser:
    """Send the table with these fields changed, and all others as they stand."""
    form = table_form(page)
    return page.post(form.action, **{**form.fields, **fields})


def test_many_prices_and_stocks_are_saved_at_once_and_a_wrong_one_does_not_hold_up_the_others(app: Flask) -> None:
    shop = make.shop()
    cup = make.product(shop, title="杯子", skus=[SkuWanted(100, 1, "大"), SkuWanted(200, 2, "小")])
    jar = make.product(shop, title="罐子", price=300, stock=3)
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/table")
    big, small = cup.sku_ids
    in_transaction(lambda: hold(Ref("checkout", new_id()), [(jar.sku_id, 1)], 600))
    save(page, **{f"price-{big}": "9.99", f"stock-{small}": "20", f"price-{small}": "x", f"stock-{jar.sku_id}": "7"})
    assert page.status == 422 and "已修改 1 项" in page.text and "库存刚刚变为 2" in page.text
    assert (sku(big).price, sku(small).price, available([small, jar.sku_id])) == (999, 200, {small: 2, jar.sku_id: 2})
    save(page.open(f"/portal/shops/{shop.id}/table?q=罐"), **{f"stock-{jar.sku_id}": "7"})
    assert page.status == 200 and available([jar.sku_id])[jar.sku_id] == 7 and "杯子" not in page.text


def test_ticked_goods_go_off_and_on_sale_together(app: Flask) -> None:
    shop = make.shop()
    goods = [make.product(shop, title=f"杯子 {turn}") for turn in range(3)]
    draft, other = make.product(shop, state="draft"), make.product()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/table")
    token = table_form(page).fields["form_token"]
    ticked = {"form_token": token, **{f"pick-{one.id}": "1" for one in (*goods[:2], draft, other)}}
    page.post(f"/portal/shops/{shop.id}/table/states", state="off", **ticked)
    assert page.status == 422 and "已修改 2 项" in page.text, "a draft cannot go off sale"
    assert [product(one).state for one in (*goods, draft, other)] == ["off", "off", "on_sale", "draft", "on_sale"]
    page.post(f"/portal/shops/{shop.id}/table/states", state="on_sale", **ticked)
    assert [product(one).state for one in (*goods, draft)] == ["on_sale"] * 4


def test_the_table_finds_by_state_and_category_in_few_queries(app: Flask) -> None:
    shop = make.shop()
    root = in_transaction(lambda: add_category(None, "餐具").id)
    child = in_transaction(lambda: add_category(None, "碗", root).id)
    make.product(shop, title="白碗", category_id=child)
    make.product(shop, title="草稿盘", category_id=root, state="draft")
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/table?category_id={root}")
    assert "白碗" in page.text and "草稿盘" in page.text
    page.open(f"/portal/shops/{shop.id}/table?category_id={root}&state=draft")
    assert "白碗" not in page.text and "草稿盘" in page.text
    few = asked(page, f"/portal/shops/{shop.id}/table")
    for _ in range(15):
        make.product(shop)
    assert asked(page, f"/portal/shops/{shop.id}/table") == few < 25


def test_low_stock_and_warehouses_stand_on_one_page(app: Flask) -> None:
    goods = make.product(stock=2)
    page = at_portal(app, goods.shop.owner, f"{VARIANT}/{goods.sku_id}").send(EDIT, low_at="3").follow()
    worker.drain()
    path = f"/portal/shops/{goods.shop.id}/stock"
    assert goods.title in page.open(path).text and "剩 2 件" in page.text
    place = {"name": "杭州仓", "province": "浙江", "city": "杭州", "street": "文三路 1 号"}
    page.send("/warehouses", **{**place, "name": " "})
    assert page.status == 422 and "文三路" in page.text
    page.open(path).send("/warehouses", **place).follow()
    page.send("/warehouses", **{**place, "name": "广州仓"}).follow()
    db.session.remove()
    second = db.session.query(Warehouse).filter(Warehouse.name == "广州仓").one().id
    page.send(f"/warehouses/{second}", do="default").follow()
    db.session.remove()
    assert db.session.get_one(Warehouse, second).is_default
    assert asked(page, path) < 25


def test_codes_and_terms_have_pages_of_their_own(app: Flask) -> None:
    card, tea = make.product(goods_kind="virtual", stock=0), make.product(goods_kind="service")
    page = at_portal(app, card.shop.owner, f"{VARIANT}/{card.sku_id}")
    assert f"{VARIANT}/{card.sku_id}/codes" in page.text
    page.open(f"{VARIANT}/{card.sku_id}/codes").send("/codes", codes="A\r\nB\r\n\r\nA").follow()
    assert "新增 2 个券码" in page.text and available([card.sku_id])[card.sku_id] == 2
    page.send("/codes", codes="x" * 501)
    assert page.status == 422
    seller = at_portal(app, tea.shop.owner, f"{VARIANT}/{tea.sku_id}/terms")
    seller.send("/terms", days="30", dates="国庆")
    assert seller.status == 422
    good = {"days": "30", "dates": "2026-10-01", "weekday-6": "1"}
    seller.open(f"{VARIANT}/{tea.sku_id}/terms").send("/terms", **good).follow()
    assert "已保存" in seller.text and "2026-10-01" in seller.text
    assert 'name="weekday-6" value="1" checked' in seller.text
    seller.send("/slots", starts_at="2027-05-01T10:00", capacity="4")
    assert seller.status == 422 and "2027-05-01" in seller.text, "a Saturday, which the terms exclude"
    seller.send("/slots", starts_at="2027-05-02T10:00", capacity="4").follow()
    assert "0 / 4" in seller.text


def test_who_may_only_read_changes_nothing(app: Flask) -> None:
    goods = make.product()
    reader = make.worker(goods.shop, READER)
    page = at_portal(app, reader, f"{VARIANT}/{goods.sku_id}")
    assert page.status == 200
    assert page.send(EDIT, price="1").status == 403
    assert page.open(f"/portal/products/{goods.id}/edit").send(EDIT, title="别的").status == 403
    place = {"name": "仓", "province": "浙江", "city": "杭州", "street": "文三路"}
    assert page.open(f"/portal/shops/{goods.shop.id}/stock").send("/warehouses", **place).status == 403
