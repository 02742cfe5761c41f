"""A guest finds a post on the wall, taps a number on its picture, and buys: without script, without an account."""

import re

import pytest

from tests.browser.conftest import Open
from tests.journeys.people import ADDRESS, Somebody, picture
from tests.live import LiveTown

FIELDS = {name: f"#{name}" for name in ADDRESS}


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_a_guest_finds_taps_and_buys(town: LiveTown, opened: Open, phone: bool) -> None:
    kol = Somebody(town, "小鱼")
    goods = kol.lists(kol.opens_a_shop(), title="冬季羊毛围巾", stock=2)
    uploads = [kol.uploads(picture(600, 800)), kol.uploads(picture(800, 600))]
    tags = [{"product_id": goods["id"], "image": 0, "x": 0.5, "y": 0.5}]
    post = kol.publishes(title="这条围巾太好看了", uploads=uploads, tags=tags)
    window = opened(phone=phone)
    page = window.open("/")
    window.look("wall")
    page.get_by_role("link", name="这条围巾太好看了").click()
    page.wait_for_url(f"**/p/{post['id']}")
    window.look("post")
    page.get_by_role("link", name="1. 冬季羊毛围巾").click()
    page.wait_for_url("**/l/*")
    window.look("goods")
    page.get_by_role("button", name="立即购买").filter(visible=True).click()
    page.wait_for_url("**/checkout/*")
    window.look("checkout")
    for name, field in FIELDS.items():
        page.fill(field, ADDRESS[name])
    page.get_by_role("button", name=re.compile("提交订单")).click()
    page.wait_for_url("**/sandbox/pay/*")
    window.look("pay")
    page.get_by_role("button", name="确认支付").click()
    page.wait_for_url("**/purchases/*")
    window.look("paid")
    assert "已支付" in page.inner_text("main")


def test_what_is_gone_or_was_never_there_has_a_page_with_a_way_on(town: LiveTown, opened: Open) -> None:
    window = opened(phone=True, language="en")
    for name, path in (("nothing", "/nothing"), ("link", "/l/zzzzzzzzzz"), ("goods", "/goods/1")):
        window.open(path, status=404)
        window.look(name)
    page = window.open("/search")
    window.look("search")
    page.get_by_label("Search").fill("scarf")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=scarf")
    window.look("found-nothing")


def test_a_guest_who_went_away_finds_his_way_back(town: LiveTown, opened: Open) -> None:
    kol = Somebody(town, "小鱼")
    shop = kol.opens_a_shop()
    last = kol.lists(shop, title="最后一条手织的冬季羊毛围巾，驼色，两米长", stock=1)
    cup = kol.lists(shop, title="手工杯", stock=3)
    post = kol.publishes(title="四颗星", kind="review", rating=4, tags=[{"product_id": last["id"]}])
    window = opened(phone=True)
    page = window.open(f"/p/{post['id']}")
    window.look("post")
    page.get_by_role("link", name=re.compile("购买")).click()
    page.wait_for_url("**/l/*")
    window.look("link")
    page.get_by_role("button", name="立即购买").filter(visible=True).click()
    page.wait_for_url("**/checkout/*")
    page.go_back()
    page.reload()
    window.look("sold-out-but-held")
    window.open(f"/goods/{cup['id']}")
    page.fill("#quantity", "3")
    page.get_by_role("button", name="立即购买").filter(visible=True).click()
    page.wait_for_url("**/checkout/*")
    for name, field in FIELDS.items():
        page.fill(field, ADDRESS[name])
    page.get_by_role("button", name=re.compile("提交订单")).click()
    page.wait_for_url("**/sandbox/pay/*")
    page.get_by_role("button", name="支付失败").click()
    page.wait_for_url("**/purchases/*")
    window.look("failed")
    page.get_by_role("link", name="我的订单", exact=True).click()
    page.wait_for_url("**/me/orders")
    window.look("orders")
    page.get_by_role("link", name="继续结算").click()
    page.wait_for_url("**/checkout/*")
