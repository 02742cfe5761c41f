"""A merchant makes freight, a promotion and a coupon in the browser; a guest puts goods into the cart and pays less."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.test_writing import signed_in
from tests.browser.window import Window
from tests.journeys.people import ADDRESS, Somebody
from tests.live import LiveTown


def _window(page: Page) -> None:
    page.get_by_label("开始").fill("2026-01-01T00:00")
    page.get_by_label("结束").fill("2096-01-01T00:00")


def test_a_shop_has_a_sale_and_a_guest_buys_in_it_on_phones(town: LiveTown, opened: Open) -> None:
    merchant = Somebody(town, "店主")
    shop = merchant.opens_a_shop()
    goods = merchant.lists(shop, title="冬季羊毛围巾", stock=9)
    window = opened(phone=True)
    page = signed_in(window, merchant, f"/portal/shops/{shop}/freight")
    page.get_by_role("link", name="新建运费模板").click()
    page.get_by_label("名称").fill("全国")
    page.get_by_label("首费（元）").first.fill("8")
    window.look("freight-form")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("¥8.00")
    window.look("freight")
    page.get_by_role("link", name="促销").click()
    window.look("no-promotions")
    page.get_by_role("link", name="+ 折扣").click()
    page.get_by_label("名称").fill("九折")
    page.get_by_label(re.compile("^减")).fill("10")
    _window(page)
    window.look("promotion-form")
    page.get_by_role("button", name="存为草稿").click()
    page.get_by_role("button", name="上线").click()
    expect(page.locator("main")).to_contain_text("进行中")
    window.look("promotions")
    page.get_by_role("link", name="优惠券").click()
    page.get_by_role("link", name="+ 店铺满减").click()
    page.get_by_label("名称").fill("新客券")
    page.get_by_label("第 1 档满").fill("1")
    page.get_by_label("减（元）").first.fill("1")
    _window(page)
    page.get_by_label("总数量").fill("100")
    page.get_by_label("公开优惠码").fill("HELLO")
    window.look("coupon-form")
    page.get_by_role("button", name="存为草稿").click()
    page.get_by_role("button", name="上线").click()
    window.look("coupons")
    page.get_by_role("link", name="发票").click()
    window.look("invoices")
    _buys(opened(phone=True), goods["id"])


def _buys(window: Window, product_id: str) -> None:
    page = window.open(f"/goods/{product_id}")
    page.get_by_role("button", name="加入购物车").click()
    page.wait_for_url("**/cart")
    window.look("cart")
    page.get_by_role("button", name="结算").click()
    page.wait_for_url("**/checkout/*")
    page.get_by_role("textbox", name="优惠码").fill("hello")
    page.get_by_role("button", name="使用").click()
    expect(page.locator("main")).to_contain_text("新客券")
    for name, value in ADDRESS.items():
        page.fill(f"#{name}", value)
    page.get_by_role("button", name="按此地址计算运费").click()
    expect(page.locator("main")).to_contain_text("¥8.00")
    window.look("checkout")
    page.get_by_role("button", name=re.compile("提交订单")).last.click()
    page.wait_for_url("**/sandbox/pay/*")
    page.get_by_role("button", name="确认支付").click()
    page.wait_for_url("**/purchases/*")
    window.look("paid")
    page.locator("a[href^='/o/']").click()
    expect(page.locator("main")).to_contain_text("已支付")
    window.look("own-page")
