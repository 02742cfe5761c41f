"""The page of one's orders: of the person and of the guest that the browser was, and of nobody else."""

import re
from uuid import UUID

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db, in_transaction
from app.store.orders.actions import cancel_purchase
from app.store.orders.models import Order
from tests import make
from tests.make import ADDRESS, order
from tests.make.order import Buyer
from tests.pages import Browser, signed_in
from tests.statements import statements


def ordered(browser: Browser, goods: make.MadeProduct) -> str:
    """Order goods, without paying; answers the purchase's path."""
    browser.open(f"/goods/{goods.id}").send("/checkout").follow().send(**ADDRESS).follow()
    found = re.search(r"/purchases/([0-9a-f-]{36})", browser.send("", outcome="failed").answer.headers["Location"])
    assert found
    return found[0]


def listed(text: str) -> list[str]:
    """The purchases of the orders that a page shows."""
    ids = re.findall(r'aria-labelledby="order-([0-9a-f-]{36})"', text)
    return [f"/purchases/{db.session.get_one(Order, UUID(one)).purchase_id}" for one in ids]


def test_orders_stand_there_newest_first_with_what_they_are_and_how_they_stand(app: Flask) -> None:
    browser, (cup, scarf) = Browser(app), (make.product(title="手工杯", price=123_400), make.product(title="围巾"))
    paths = [ordered(browser, cup), ordered(browser, scarf)]
    browser.open(paths[1]).send("/payments").follow().send(outcome="paid")
    text = browser.open("/me/orders").text
    assert listed(text) == paths[::-1]
    assert re.search(r"<h1>我的订单</h1>", text)
    shown = text[text.index("<h1>") :]
    for words in ("已支付，等待发货", "围巾", "等待支付", "手工杯", "¥1,234.00", "请在此之前支付", "去支付"):
        assert words in shown
    assert shown.index("围巾") < shown.index("手工杯")


def test_the_person_sees_what_he_bought_and_what_the_guest_did_and_no_other_sees_it(app: Flask) -> None:
    goods, person = make.product(), make.person()
    browser = Browser(app)
    as_guest = ordered(browser, goods)
    browser.open("/sign-in").send("/sign-in", username=person.username, password=person.password)
    as_person = ordered(browser, goods)
    assert listed(browser.open("/me/orders").text) == [as_person, as_guest]
    assert listed(signed_in(app, person).open("/me/orders").text) == [as_person]
    assert listed(signed_in(app, make.person()).open("/me/orders").text) == []
    stranger = Browser(app).open("/").open("/me/orders")
    assert (listed(stranger.text), "这里还没有订单" in stranger.text) == ([], True)


def test_what_was_begun_stands_above_with_the_way_to_go_on(app: Flask) -> None:
    browser, goods = Browser(app, "en"), make.product(title="手工杯", stock=1)
    path = browser.open(f"/goods/{goods.id}").send("/checkout").answer.headers["Location"]
    text = browser.open("/me/orders").text
    assert "Not ordered yet" in text
    assert "Held for you until" in text
    assert "手工杯" in text
    assert f'href="{path}">Go on to check out</a>' in text
    assert "no orders here" not in text
    with clock.moved(seconds=601):
        assert "There are no orders here yet." in browser.open("/me/orders").text


def test_a_stranger_reads_that_there_is_nothing_and_gets_no_cookie(app: Flask) -> None:
    with statements() as asked:
        browser = Browser(app).open("/me/orders")
    assert (browser.status, asked) == (200, [])
    assert "Set-Cookie" not in browser.answer.headers
    assert "这里还没有订单" in browser.text
    assert 'href="/sign-in?next=/me/orders"' in browser.text
    assert browser.forms == [], "without a cookie no form would be taken"


def test_the_way_there_stands_in_the_header_of_those_who_have_been_here(app: Flask) -> None:
    browser, way = Browser(app), 'href="/me/orders">我的订单</a>'
    assert way not in browser.open("/").text
    assert way in browser.open("/").text
    assert way in signed_in(app, make.person()).open("/").text
    assert way not in browser.open("/nothing").text, "a page that asks nobody who is looking"


def test_pages_of_orders_hold_each_order_once_and_ask_as_little_for_many_as_for_one(app: Flask) -> None:
    browser = Browser(app).open("/")
    buyer = Buyer("", browser.guest)
    shop = make.shop()

    def bought(many: int) -> list[str]:
        lines = [order.line(order.sku(), shop_id=shop.id, quantity=1) for _ in range(2)]
        return [f"/purchases/{order.purchase(lines, buyer).id}" for _ in range(many)]

    def asked() -> int:
        with statements() as found:
            assert browser.open("/me/orders").status == 200
        return len(found)

    paths = bought(1)
    few = asked()
    paths += bought(44)
    assert asked() == few <= 7
    found = listed(browser.text)
    while following := re.search(r'rel="next" href="([^"]+)"', browser.text):
        found += listed(browser.open(f"/me/orders{following[1]}").text)
    assert found == paths[::-1]
    assert browser.open("/me/orders?cursor=x").status == 400


def test_the_cursor_of_one_buyer_opens_nothing_for_another(app: Flask) -> None:
    browser = Browser(app).open("/")
    for _ in range(21):
        order.purchase(who=Buyer("", browser.guest))
    following = re.search(r'rel="next" href="([^"]+)"', browser.open("/me/orders").text)
    assert following
    assert Browser(app).open("/").open(f"/me/orders{following[1]}").status == 400


def test_goods_are_shown_by_their_covers(app: Flask) -> None:
    browser, shop = Browser(app), make.shop()
    covers = [make.upload(shop.owner) for _ in range(2)]
    bought, begun = (make.product(shop, uploads=[one]) for one in covers)
    ordered(browser, bought)
    text = browser.open(f"/goods/{begun.id}").send("/checkout").open("/me/orders").text
    assert re.findall(r'class="thumb" src="/media/([^/]+)/', text) == [str(covers[1]), str(covers[0])]


@pytest.mark.parametrize(("language", "more"), [("zh-CN", "等 5 种商品"), ("en", "and 2 more")])
def test_of_many_goods_the_first_three_are_named(app: Flask, language: str, more: str) -> None:
    browser = Browser(app, language).open("/")
    shop = make.shop()
    goods = [order.line(order.sku(), shop_id=shop.id) for _ in range(5)]
    made = order.purchase(goods, Buyer("", browser.guest))
    text = browser.open("/me/orders").text
    assert text.count("手工陶瓷杯") == 3
    assert more in text
    in_transaction(lambda: cancel_purchase(made.buyer.caller, made.id))
    assert ("已取消" if language != "en" else "Cancelled.") in browser.open("/me/orders").text
