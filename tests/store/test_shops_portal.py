"""A merchant's pages: his shops, their goods, prices and stock, orders and what was sold."""

import re
from datetime import timedelta
from functools import partial
from html import unescape
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import clock
from app.core.config import settings
from app.core.db import db, in_transaction
from app.store.catalogue import actions as catalogue
from app.store.catalogue.models import Product
from app.store.inventory.queries import available
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from app.store.shops.models import Shop
from app.store.variants.models import Sku, SkuWanted
from tests import make
from tests.make import order as bought
from tests.portal import at_portal, buy_without_link
from tests.store.counting import queries_in

METRIC = re.compile(r'data-metric="(\w+)" data-value="(-?\d+)"')
TITLE = re.compile(r'text-break" href="/portal/products/[^"]+">([^<]*)<')
ORDER = re.compile(r'data-order="([^"]+)" data-status="(\w+)"')


def pay(purchase: bought.MadePurchase) -> None:
    begun = bought.payment(purchase)
    kept = in_transaction(lambda: payments.play_outcome(payment_now(begun.id), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))


def price_of(sku_id: UUID) -> int:
    db.session.rollback()
    return db.session.scalars(select(Sku.price).where(Sku.id == sku_id)).one()


def test_who_has_no_shop_opens_one(app: Flask) -> None:
    page = at_portal(app, make.person(), "/portal/shops")
    page.send("/portal/shops", name="")
    assert (page.status, db.session.scalars(select(Shop)).all()) == (422, [])
    page.send("/portal/shops", name="小满的店").follow()
    assert "小满的店" in page.text
    assert page.path == f"/portal/shops/{db.session.scalars(select(Shop.id)).one()}"
    assert "小满的店" in page.open("/portal/shops").text


def test_a_shop_whose_form_is_sent_twice_is_opened_once(app: Flask) -> None:
    page = at_portal(app, make.person(), "/portal/shops")
    first = page.send("/portal/shops", name="小满的店").answer.headers["Location"]
    sent = {**page.open("/portal/shops").forms[0].fields, "id": first.rpartition("/")[2], "name": "小满的店"}
    assert page.post("/portal/shops", **sent).answer.headers["Location"] == first
    assert len(db.session.scalars(select(Shop)).all()) == 1
    other = at_portal(app, make.person(), "/portal/shops")
    assert other.send("/portal/shops", name="别人的店", id=sent["id"]).status == 409
    assert page.open("/portal/shops").send("/portal/shops", name="小满的店").answer.headers["Location"] != first


def test_goods_are_listed_with_prices_stock_and_why_they_are_hidden(app: Flask) -> None:
    shop = make.shop()
    two = [SkuWanted(1000, 3, "小"), SkuWanted(123_400, 4, "大")]
    made = {
        "两种": make.product(shop, title="两种", skus=two),
        "草稿": make.product(shop, title="草稿", state="draft", uploads=[make.upload(shop.owner)]),
        "违规": make.product(shop, title="违规"),
        "停售": make.product(shop, title="停售"),
    }
    in_transaction(lambda: catalogue.take_down(made["违规"].id, "假货", None))
    in_transaction(lambda: catalogue.change_product(make.as_staff(shop), made["停售"].id, state="off"))
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}")
    rows = {
        one.split("</a>")[0].rpartition(">")[2]: one for one in page.text.split("<li ")[1:] if "data-product" in one
    }
    assert list(rows) == ["停售", "违规", "草稿", "两种"]
    assert "¥10.00 – ¥1,234.00" in rows["两种"]
    assert "库存 7" in rows["两种"]
    assert "假货" in rows["违规"]
    assert ">已停售</span>" in rows["停售"]
    cover = re.search(r'src="([^"]+)"', rows["草稿"])
    assert cover is not None
    assert page.open(cover[1].replace("&amp;", "&")).status == 200


def test_goods_go_off_sale_and_back(app: Flask) -> None:
    cup = make.product()
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    for state in ("off", "on_sale"):
        page.send("/state", state=state).follow()
        db.session.rollback()
        assert db.session.scalars(select(Product.state)).one() == state
    assert page.send("/state", state="draft").status == 409


def test_price_and_stock_are_changed(app: Flask) -> None:
    cup = make.product(price=9900, stock=10)
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    page.send(f"/skus/{cup.sku_id}", price="88.5", stock="7").follow()
    assert (price_of(cup.sku_id), available([cup.sku_id])) == (8850, {cup.sku_id: 7})
    assert 'value="88.50"' in page.text


@pytest.mark.parametrize(
    ("price", "stock", "fault"),
    [
        ("", "1", "price"),
        ("12.345", "1", "price"),
        ("0", "1", "price"),
        ("1e3", "1", "price"),
        ("１２", "1", "price"),
        ("9", "-1", "stock"),
    ],
)
def test_what_is_no_price_or_stock_is_shown_again(app: Flask, price: str, stock: str, fault: str) -> None:
    cup = make.product(price=9900, stock=10)
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    page.send(f"/skus/{cup.sku_id}", price=price, stock=stock)
    assert page.status == 422
    assert f'id="{fault}-{cup.sku_id}-fault"' in page.text
    assert f'value="{price}"' in page.text
    assert (price_of(cup.sku_id), available([cup.sku_id])) == (9900, {cup.sku_id: 10})


@pytest.mark.parametrize("price", ["0", "0.00", "10000000000.01"])
def test_a_price_out_of_range_is_told_in_yuan_as_its_field_is(app: Flask, price: str) -> None:
    cup = make.product()
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    page.send(f"/skus/{cup.sku_id}", price=price)
    assert "须在 0.01 元到 10000000000 元之间" in page.text


def test_what_was_saved_is_told_and_what_was_not_is_not(app: Flask) -> None:
    cup = make.product()
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    assert "已保存" not in page.text
    assert "已保存" in page.send(f"/skus/{cup.sku_id}", price="5").follow().text
    assert "已保存" not in page.send(f"/skus/{cup.sku_id}", price="x").text
    assert "已保存" in page.open(f"/portal/products/{cup.id}").send("/state", state="off").follow().text
    assert 'role="status"' not in page.open(f"/portal/products/{cup.id}?done=<b>won</b>").text


def test_goods_are_found_by_words_of_their_title_and_by_state_page_by_page(app: Flask) -> None:
    shop = make.shop()
    for number in range(23):
        make.product(shop, title=f"青瓷 茶杯 {number}号 100%")
    make.product(shop, title="茶壶", state="draft")
    hidden = make.product(shop, title="仿冒茶杯")
    in_transaction(lambda: catalogue.take_down(hidden.id, "假货", None))
    make.product(title="别家的茶杯 100%")
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}?q=茶杯+青瓷&state=on_sale")
    titles = TITLE.findall(page.text)
    following = re.search(r'rel="next" href="(\?[^"]+)"', page.text)
    assert following is not None
    titles += TITLE.findall(page.open(f"/portal/shops/{shop.id}" + unescape(following[1])).text)
    assert titles == [f"青瓷 茶杯 {number}号 100%" for number in reversed(range(23))]

    def found(query: str) -> list[str]:
        return TITLE.findall(page.open(f"/portal/shops/{shop.id}?{query}").text)

    assert found("q=0%25") == titles[:20]
    assert found("q=_") == []
    assert "没有符合的商品" in page.text
    assert found("state=draft") == ["茶壶"]
    assert found("state=taken_down") == ["仿冒茶杯"]
    assert found("q=仿冒&state=on_sale") == found("q=茶&state=off") == []
    assert page.open(f"/portal/shops/{shop.id}?state=nonsense").status == 422


def test_units_sold_since_the_form_was_made_are_not_put_back(app: Flask) -> None:
    cup = make.product(stock=10)
    page = at_portal(app, cup.shop.owner, f"/portal/products/{cup.id}")
    buy_without_link(app, cup, quantity=3)
    page.send(f"/skus/{cup.sku_id}", price="5")
    assert (page.status, available([cup.sku_id])) == (303, {cup.sku_id: 7})
    page.post(
        f"/portal/skus/{cup.sku_id}",
        form_token=page.follow().forms[0].fields["form_token"],
        price="6",
        stock="20",
        seen="10",
    )
    assert (page.status, available([cup.sku_id])) == (422, {cup.sku_id: 7})
    assert "库存刚刚变为 7" in page.text
    page.send(f"/skus/{cup.sku_id}", stock="20")
    assert (page.status, available([cup.sku_id])) == (303, {cup.sku_id: 20})


def test_an_address_is_shown_once_the_order_is_paid(app: Flask) -> None:
    cup = make.product(stock=50)
    buy_without_link(app, cup, quantity=2)
    buy_without_link(app, cup, outcome="")
    page = at_portal(app, cup.shop.owner, f"/portal/shops/{cup.shop.id}/orders")
    orders = {status: order for order, status in ORDER.findall(page.text)}
    assert make.ADDRESS["street"] not in page.text
    assert make.ADDRESS["street"] in page.open(f"/portal/orders/{orders['paid']}").text
    assert make.ADDRESS["street"] not in page.open(f"/portal/orders/{orders['unpaid']}").text
    assert page.status == 200


def test_a_buyer_does_not_see_his_order_among_those_of_the_shop(app: Flask) -> None:
    cup, buyer = make.product(), make.person()
    order_id = buy_without_link(app, cup, outcome="", by=buyer.token)
    assert at_portal(app, buyer, "/portal/shops").open(f"/portal/orders/{order_id}").status == 404
    assert at_portal(app, cup.shop.owner, "/portal/shops").open(f"/portal/orders/{order_id}").status == 200


def test_orders_are_found_by_status_and_page_by_page(app: Flask) -> None:
    shop = make.shop()
    made = [bought.purchase([bought.line(bought.sku(), shop_id=shop.id)]) for _ in range(23)]
    pay(made[0])
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/orders?status=unpaid")
    seen = ORDER.findall(page.text)
    following = re.search(r'rel="next" href="(\?[^"]+)"', page.text)
    assert following is not None
    seen += ORDER.findall(page.open(f"/portal/shops/{shop.id}/orders" + following[1].replace("&amp;", "&")).text)
    assert [UUID(order) for order, _ in seen] == [one.placed.orders[0].id for one in reversed(made[1:])]
    assert page.open(f"/portal/shops/{shop.id}/orders?status=nonsense").status == 422


def test_what_was_ordered_weeks_before_it_was_paid_is_sold_on_the_day_of_payment(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make.shop()
    pay(bought.purchase([bought.line(bought.sku(), 4000, 1, shop.id)]))
    for change in (
        "UPDATE orders_purchases SET paid_at = now() - interval '29 days', created_at = now() - interval '40 days'",
        "UPDATE orders_orders SET created_at = now() - interval '40 days'",
    ):
        in_transaction(partial(db.session.execute, text(change)))
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/orders")
    assert dict(METRIC.findall(page.text)) == {"orders": "0", "revenue": "0"}
    monkeypatch.setattr(settings, "unpaid_seconds", 14 * 24 * 3600)
    assert dict(METRIC.findall(page.open(page.path).text)) == {"orders": "1", "revenue": "4000"}


def test_sales_are_what_was_paid_in_30_days_less_refunds(app: Flask) -> None:
    shop = make.shop()
    for price in (1000, 2000, 4000, 8000):
        pay(bought.purchase([bought.line(bought.sku(), price, 2, shop.id), bought.line(bought.sku(), 7)]))
    bought.purchase([bought.line(bought.sku(), 16_000, 1, shop.id)])
    long_ago = clock.now() - timedelta(days=31)
    half = "refunded = 1, cancelled = 1, refunded_amount = 2000"
    for change in (
        f"UPDATE fulfilment_lines SET {half} WHERE total = 4000",
        "UPDATE orders_purchases SET paid_at = :at, created_at = :at WHERE total = 8007",
        "UPDATE orders_orders SET created_at = :at WHERE total = 8000",
    ):
        in_transaction(partial(db.session.execute, text(change), {"at": long_ago} if ":at" in change else {}))
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/orders")
    assert dict(METRIC.findall(page.text)) == {"orders": "3", "revenue": str(2000 + 2000 + 16_000)}
    assert ">¥200.00</td>" in page.text


def test_many_rows_cost_no_more_questions(app: Flask) -> None:
    shop = make.shop()
    cup = make.product(shop, skus=[SkuWanted(100 + i, 1, f"{i}") for i in range(30)])
    order = bought.purchase([bought.line(bought.sku(), shop_id=shop.id) for _ in range(5)])
    for _ in range(19):
        make.product(shop, uploads=[make.upload(shop.owner)])
        bought.purchase([bought.line(bought.sku(), shop_id=shop.id) for _ in range(2)])
    page = at_portal(app, shop.owner)
    for path in (
        "/portal/shops",
        f"/portal/shops/{shop.id}",
        f"/portal/shops/{shop.id}?q=1&state=on_sale",
        f"/portal/shops/{shop.id}/orders",
        f"/portal/products/{cup.id}",
        f"/portal/orders/{order.placed.orders[0].id}",
    ):
        with queries_in() as sent:
            assert page.open(path).status == 200
        assert len(sent) < 12, path
