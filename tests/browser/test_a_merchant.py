"""A merchant's first day with a browser on a phone: a shop, goods with pictures, another variant, and the orders."""

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_writing import signed_in
from tests.journeys.people import Somebody, picture
from tests.live import LiveTown


def test_a_newcomer_opens_a_shop_and_lists_goods_on_a_phone(town: LiveTown, opened: Open) -> None:
    window = opened(phone=True)
    page = signed_in(window, Somebody(town, "店主"), "/portal/shops")
    page.get_by_label("店铺名称").fill("小满的店")
    page.get_by_role("button", name="开店").click()
    expect(page.get_by_role("link", name="上架商品")).to_be_visible()
    window.look("empty-shop")
    page.get_by_role("link", name="上架商品").click()
    window.look("form")
    page.get_by_label("商品名称").fill("速开双人帐篷")
    page.get_by_label("分类").select_option(label="运动户外")
    files = [{"name": f"{one}.jpg", "mimeType": "image/jpeg", "buffer": picture()} for one in "ab"]
    page.get_by_label("图片").set_input_files(files)
    page.get_by_label("价格").fill("1e3")
    page.get_by_label("库存").fill("7")
    window.expect(422)
    page.get_by_role("button", name="上架销售").click()
    expect(page.locator("#price-fault")).to_be_visible()
    window.look("fault")
    assert page.get_by_label("商品名称").input_value() == "速开双人帐篷"
    page.get_by_label("图片").set_input_files(files)
    page.get_by_label("价格").fill("179")
    page.get_by_role("button", name="上架销售").click()
    page.wait_for_url("**/portal/products/*?done=listed")
    window.look("listed")
    shown = httpx.get(f"{town.url}/api/v1/products/{page.url.split('/')[-1].partition('?')[0]}").json()
    assert (shown["price"], len(shown["pictures"]), shown["category"]["name"]) == (17900, 2, "运动户外")
    page.get_by_role("link", name="添加规格").click()
    page.get_by_label("规格名称").fill("三人")
    page.get_by_label("价格").fill("239.5")
    page.get_by_label("库存").fill("3")
    window.look("variant")
    page.get_by_role("button", name="添加").click()
    page.wait_for_url("**/portal/products/*?done=saved")
    assert "已保存" in page.inner_text("main")
    page.get_by_role("link", name="小满的店").click()
    expect(page.locator("main")).to_contain_text("¥179.00 – ¥239.50")
    window.look("shelf")
    page.get_by_role("link", name="订单与数据").click()
    expect(page.locator("main")).to_contain_text("最近 30 天没有")
    window.look("nothing-sold")


def test_a_chart_fills_its_card_on_a_wide_screen_and_a_phone(town: LiveTown, opened: Open) -> None:
    merchant = Somebody(town, "店主")
    shop = merchant.opens_a_shop()
    goods = merchant.lists(shop)
    post = merchant.publishes(goods["id"])
    Somebody(town, "买家").buys(post["tags"][0]["link"]["code"], goods["skus"][0]["id"])
    for phone in (False, True):
        window = opened(phone=phone)
        page = signed_in(window, merchant, f"/portal/shops/{shop}/orders")
        window.look(f"sold-{'phone' if phone else 'wide'}")
        drawing, card = page.locator(".chart svg").bounding_box(), page.locator(".card:has(.chart)").bounding_box()
        assert drawing and card
        assert card["width"] - drawing["width"] < 40
        expect(page.locator(".chart-days span")).to_have_count(3)
