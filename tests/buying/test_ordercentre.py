"""The page of an order: what it says, and each thing that its buyer does there, a guest too."""

import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.buying.placing.models import order_page
from app.core import clock
from app.core.db import db
from app.store.fulfilment.models import LineProgress, OrderProgress
from app.store.refunds.models import Grant
from tests import make
from tests.make import ADDRESS, order
from tests.make.order import Buyer
from tests.pages import Browser, signed_in
from tests.statements import statements
from tests.story import Bought

TABS = ("to_pay", "to_ship", "to_receive", "done", "after_sales", "ended")


def axes(text: str) -> list[str]:
    """What the page says of payment, sending and after-sales."""
    return re.findall(r'<dd class="col-8 mb-1">([^<]*)</dd>', text)[:3]


def offered(text: str) -> set[str]:
    """The addresses of the forms and links by which something can be done now."""
    return set(re.findall(r'(?:action|href)="/(?:orders|purchases|packages)/[0-9a-f-]{36}/([\w/]+)"', text))


def refunded(order_id: UUID) -> int:
    return db.session.get_one(OrderProgress, order_id, populate_existing=True).refunded


def test_an_order_says_where_it_is_and_what_can_be_done_at_each_step(app: Flask) -> None:
    bought = Bought(app, make.person())
    text = bought.browser.open(bought.page).text
    assert axes(text) == ["已支付", "待发货", "无"]
    assert offered(text) == {"address", "cancellation", "aftersales/new", "invoice"}
    bought.sent(1)
    assert axes(bought.browser.open(bought.page).text) == ["已支付", "部分发货", "无"]
    assert {"receipt", "extension", "cancellation"} <= offered(bought.browser.text)
    assert "address" not in offered(bought.browser.text)
    bought.sent()
    bought.browser.open(bought.page).send("/receipt").follow()
    assert axes(bought.browser.text) == ["已支付", "已收货", "无"]
    assert offered(bought.browser.text) == {"aftersales/new", "invoice", "reviews"}
    assert "已收 2" in bought.browser.text


def test_the_tabs_hold_the_orders_that_stand_there(app: Flask) -> None:
    buyer = make.person()
    paid, sent, done = Bought(app, buyer), Bought(app, buyer).sent(), Bought(app, buyer).received()
    unpaid = order.purchase(who=Buyer(buyer.token, paid.buyer))
    browser = paid.browser

    def shown(state: str) -> list[str]:
        text = browser.open(f"/me/orders?state={state}").text
        assert re.search(rf'active" aria-current="page" href="/me/orders\?state={state}"', text)
        return re.findall(r'aria-labelledby="order-([0-9a-f-]{36})"', text)

    waits = str(unpaid.placed.orders[0].id)
    found = {state: shown(state) for state in TABS}
    assert found["to_pay"] == [waits]
    assert found["to_ship"] == [str(paid.id)]
    assert found["to_receive"] == [str(sent.id)]
    assert found["done"] == [str(done.id)]
    assert found["after_sales"] == found["ended"] == []
    assert browser.open("/me/orders?state=elsewhere").status == 422
    browser.open("/me/orders?state=to_receive").send("/receipt").follow()
    assert shown("to_receive") == []


def test_the_page_of_an_order_asks_as_little_for_many_lines_and_parcels_as_for_few(app: Flask) -> None:
    def asked(lines: int) -> int:
        browser, shop = Browser(app).open("/"), make.shop()
        goods = [order.line(order.sku(), 100, 2, shop.id) for _ in range(lines)]
        made = order.paid(order.purchase(goods, Buyer("", browser.guest)))
        with statements() as found:
            assert browser.open(f"/orders/{made.placed.orders[0].id}").status == 200
        return len(found)

    assert asked(1) == asked(20) <= 24


def test_some_units_are_cancelled_once_however_often_the_form_is_sent(app: Flask) -> None:
    bought = Bought(app, quantity=2)
    browser = bought.browser.open(f"{bought.page}/cancellation")
    form = next(one for one in browser.forms if one.action.endswith("/cancellation"))
    assert form.fields[f"units-{bought.line}"] == "2"
    sent = {**form.fields, f"units-{bought.line}": "1", "reason": "买多了"}
    assert [browser.post(form.action, **sent).status for _ in range(2)] == [303, 303]
    assert refunded(bought.id) == 1000
    assert db.session.scalars(select(Grant.amount)).all() == [1000]
    assert axes(browser.open(bought.page).text) == ["部分退款", "待发货", "部分退款"]
    browser.open(f"{bought.page}/cancellation").send("/cancellation", id=form.fields["id"])
    assert refunded(bought.id) == 1000, "the id of a form that was done with does nothing"
    browser.open(f"{bought.page}/cancellation").send("/cancellation").follow()
    assert (refunded(bought.id), axes(browser.text)) == (2000, ["已全额退款", "已取消", "已全额退款"])
    assert "没有可以取消的商品" in browser.open(f"{bought.page}/cancellation").text


def test_nothing_chosen_and_too_much_are_refused(app: Flask) -> None:
    bought = Bought(app)
    for units, status in (("0", 422), ("3", 409), ("x", 422)):
        browser = bought.browser.open(f"{bought.page}/cancellation")
        assert browser.send("/cancellation", **{f"units-{bought.line}": units}).status == status
    assert refunded(bought.id) == 0


def test_an_order_is_sent_elsewhere_until_it_is_sent(app: Flask) -> None:
    who = make.person()
    bought = Bought(app, who)
    browser = bought.browser.open(f"{bought.page}/address")
    assert f'value="{ADDRESS["street"]}"' in browser.text
    browser.send("/address", phone="打给我")
    assert (browser.status, "5 到 20 位数字" in browser.text) == (422, True)
    browser.send("/address", phone="13900000000", street="莫干山路 9 号").follow()
    assert "莫干山路 9 号" in browser.text
    browser.open("/me/addresses/new").send("/me/addresses", **{**ADDRESS, "street": "解放路 3 号"})
    found = re.search(r'name="address_id" value="([0-9a-f-]+)"', browser.open(f"{bought.page}/address").text)
    assert found
    browser.send("/address", address_id=found[1]).follow()
    assert "解放路 3 号" in browser.text
    bought.sent()
    assert browser.open(f"{bought.page}/address").send("/address").status == 409


def test_a_parcel_shows_its_way_and_is_put_off_once(app: Flask) -> None:
    bought = Bought(app).sent()
    browser = bought.browser.open(bought.page)
    until = re.search(r'自动确认收货：\s*<time datetime="([^"]+)"', browser.text)
    assert until
    form = next(one for one in browser.forms if one.action.endswith("/extension"))
    assert [browser.post(form.action, **form.fields).status for _ in range(2)] == [303, 303]
    assert until[1] not in browser.open(bought.page).text
    assert "/extension" not in browser.text


def test_receiving_twice_receives_once(app: Flask) -> None:
    bought = Bought(app).sent()
    browser = bought.browser.open(bought.page)
    form = next(one for one in browser.forms if one.action.endswith("/receipt"))
    assert [browser.post(form.action, **form.fields).status for _ in range(2)] == [303, 303]
    assert db.session.get_one(LineProgress, bought.line).received == 2


def test_an_order_is_nobody_elses_also_not_its_shops(app: Flask) -> None:
    bought = Bought(app)
    others = [Browser(app).open("/"), signed_in(app, make.person()), signed_in(app, bought.goods.shop.owner)]
    for browser in others:
        for path in (bought.page, f"{bought.page}/cancellation", f"{bought.page}/address", bought.purchase):
            assert browser.open(path).status == 404
        token = browser.open("/sign-in").forms[-1].fields["form_token"]
        assert browser.post(f"{bought.page}/receipt", form_token=token).status == 404


def open_page(bought: Bought) -> str:
    found = re.search(r'href="(/o/[\w-]+)"', bought.browser.open(bought.purchase).text)
    assert found
    return found[1]


def test_a_guest_does_on_another_device_what_he_may_once_he_has_named_the_parcels_phone(app: Flask) -> None:
    bought = Bought(app).sent()
    way, other = open_page(bought), Browser(app)
    assert other.open(bought.page).status == 404
    other.open(way).send("/owner", phone="13900000000")
    assert (other.status, "与下单时填写的手机号不一致" in other.text) == (422, True)
    assert other.open(bought.page).status == 404
    number = ADDRESS["phone"]
    other.open(way).send("/owner", phone=f"{number[:3]} {number[3:7]}-{number[7:]}").follow()
    assert other.path == bought.purchase
    assert other.open(bought.page).send("/receipt").follow().status == 200
    assert axes(other.text)[1] == "已收货"
    assert str(bought.id) in other.open("/me/orders").text
    with clock.moved(seconds=12 * 3600 + 1):
        assert other.open(bought.page).status == 404


@pytest.mark.parametrize("changed", ["x", "0" * 32 + ".99999999999.x", "a.b.c"])
def test_a_forged_cookie_opens_nothing(app: Flask, changed: str) -> None:
    bought = Bought(app)
    other = Browser(app)
    other.client.set_cookie("reached", changed)
    assert other.open(bought.page).status == 404


def test_the_page_of_a_persons_purchase_is_not_opened_by_a_phone_number(app: Flask) -> None:
    bought = Bought(app, make.person())
    browser = Browser(app).open(order_page(UUID(bought.purchase.rpartition("/")[2])))
    assert (browser.status, "这是我的订单" in browser.text) == (200, False)
    token = browser.forms[-1].fields["form_token"]
    assert browser.post(f"{browser.path}/owner", form_token=token, phone=ADDRESS["phone"]).status == 404
