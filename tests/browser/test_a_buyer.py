"""A buyer in a browser: buys, cancels, receives, returns, reviews; and sells an old bicycle by meeting for it."""

import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import make
from tests.browser.conftest import Open
from tests.browser.test_writing import signed_in
from tests.browser.window import Window
from tests.journeys.people import ADDRESS, Somebody, done
from tests.live import LiveTown


def _photo(folder: Path, name: str, colour: str) -> Path:
    path = folder / name
    path.write_bytes(io.BytesIO(make.picture_file(900, 1200, colour)).getvalue())
    return path


def _pays(page: Page) -> None:
    page.get_by_label("沙盒支付").check()
    page.get_by_role("button", name=re.compile("提交订单")).last.click()
    page.wait_for_url("**/sandbox/pay/*")
    page.get_by_role("button", name="确认支付").click()
    page.wait_for_url("**/purchases/*")


def _order(page: Page) -> str:
    page.get_by_role("link", name=re.compile("查看订单")).click()
    page.wait_for_url("**/orders/*")
    return page.url.rpartition("/")[2]


def test_a_buyer_cancels_receives_returns_and_reviews_on_a_phone(town: LiveTown, opened: Open, tmp_path: Path) -> None:
    merchant, buyer = Somebody(town, "店主"), Somebody(town, "买家")
    shop = merchant.opens_a_shop()
    goods = merchant.lists(shop, title="手工陶瓷杯 蓝色釉面 家用马克杯带勺子", stock=9, price=12_800)
    window = opened(phone=True)
    page = signed_in(window, buyer, "/me/addresses")
    page.get_by_role("link", name="新增地址").click()
    for name, value in ADDRESS.items():
        page.fill(f"#{name}", value)
    window.look("address-form")
    page.get_by_role("button", name="保存").click()
    window.look("addresses")
    page.goto(f"/goods/{goods['id']}")
    page.fill("#quantity", "3")
    page.get_by_role("button", name="立即购买").filter(visible=True).click()
    page.wait_for_url("**/checkout/*")
    window.look("checkout")
    _pays(page)
    window.look("purchase")
    order = _order(page)
    window.look("order-paid")
    _cancels_one(window)
    _is_sent(merchant, order)
    page.goto("/me/orders?state=to_receive")
    window.look("orders")
    page.get_by_role("link", name="查看订单").click()
    window.look("order-sent")
    page.get_by_role("button", name="延长 3 天收货").click()
    page.get_by_role("button", name="确认收货").click()
    expect(page.locator("main")).to_contain_text("已收货")
    _reviews(window, tmp_path)
    _returns(window, merchant, tmp_path)


def _cancels_one(window: Window) -> None:
    page = window.page
    page.get_by_role("link", name="取消未发货商品").click()
    page.get_by_role("combobox").select_option("1")
    window.look("cancel")
    page.get_by_role("button", name="取消并退款").click()
    expect(page.locator("main")).to_contain_text("部分退款")
    page.get_by_role("link", name="修改地址").click()
    window.look("order-address")
    page.get_by_role("link", name="← 订单").click()
    page.get_by_role("link", name="申请发票").click()
    window.look("invoice")
    page.get_by_label("发票抬头").fill("林小满")
    page.get_by_label("接收邮箱").fill("lin@example.com")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("已申请")


def _is_sent(merchant: Somebody, order: str) -> None:
    sent = done(merchant.post(f"/orders/{order}/packages", {"carrier": "sandbox", "number": "SB1"}), 201)
    track = {"state": "moving", "place": "杭州转运中心", "words": "已发往下一站"}
    done(merchant.post(f"/sandbox/packages/{sent['items'][0]['id']}/tracks", track))


def _reviews(window: Window, folder: Path) -> None:
    page = window.page
    page.get_by_role("link", name="评价", exact=True).click()
    page.get_by_label("4 星").check()
    page.get_by_label("说说感受").fill("釉色很美")
    page.set_input_files("input[name=pictures]", _photo(folder, "cup.jpg", "#3366cc"))
    window.look("review-form")
    page.get_by_role("button", name="发表评价").click()
    expect(page.locator("main")).to_contain_text("釉色很美")
    page.locator("summary", has_text="追加评价").click()
    page.get_by_label("追评").fill("用了一个月还是很好")
    page.get_by_role("button", name="发表追评").click()
    expect(page.locator("main")).to_contain_text("用了一个月")
    page.locator("summary", has_text="修改评价").click()
    page.locator("summary", has_text="删除评价").click()
    page.wait_for_load_state()
    window.look("reviewed")
    page.get_by_label("5 星").check()
    page.get_by_label("图 1", exact=True).uncheck()
    page.get_by_role("button", name="保存修改").click()
    expect(page.locator("main")).to_contain_text("修改于")
    page.get_by_role("link", name="← 订单").click()


def _returns(window: Window, merchant: Somebody, folder: Path) -> None:
    page = window.page
    page.get_by_role("link", name="申请售后").click()
    page.get_by_label("退货退款").check()
    page.get_by_label("原因").select_option("damaged")
    page.get_by_label("说明").fill("杯口有裂纹")
    page.set_input_files("input[name=pictures]", _photo(folder, "crack.jpg", "#cc6633"))
    window.look("case-form")
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/aftersales/*")
    window.look("case")
    case = page.url.rpartition("/")[2]
    done(merchant.post(f"/aftersales/{case}/refusal", {"words": "看不出裂纹"}), 201)
    page.reload()
    page.get_by_label("为什么").fill("裂纹在杯底")
    window.look("case-refused")
    page.get_by_role("button", name="提交申诉").click()
    expect(page.locator("main")).to_contain_text("平台处理中")
    page.get_by_role("button", name="撤销申请").click()
    expect(page.locator("main")).to_contain_text("已撤销")
    page.get_by_role("link", name="← 订单").click()
    page.locator("summary").last.click()
    window.look("order-done")
    page.goto("/me/wallet")
    window.look("wallet")
    for path in ("/vouchers", "/codes"):
        window.open(path)
        window.look(path.strip("/"))


def test_an_old_bicycle_is_sold_by_meeting_for_it(town: LiveTown, opened: Open, tmp_path: Path) -> None:
    seller = Somebody(town, "小满")
    window = opened(phone=True)
    page = signed_in(window, seller, "/second-hand/new")
    window.look("sell-form")
    page.get_by_label("是什么").fill("气枪")
    page.get_by_label("价格").fill("260")
    for name, value in (("province", "浙江"), ("city", "杭州"), ("district", "西湖")):
        page.fill(f"#{name}", value)
    window.expect(422)
    page.get_by_role("button", name="发布").click()
    expect(page.locator("main")).to_contain_text("不能出售")
    window.look("sell-refused")
    page.get_by_label("是什么").fill("捷安特山地自行车 骑了两年")
    page.get_by_label("介绍").fill("换了新轮胎，可以试骑。")
    page.get_by_label("成色").select_option("worn")
    page.set_input_files(
        "input[name=pictures]", [_photo(tmp_path, f"bike{n}.jpg", c) for n, c in enumerate(("#557755", "#335588"))]
    )
    page.get_by_role("button", name="发布").click()
    page.wait_for_url(re.compile("/second-hand/[0-9a-f-]{36}$"))
    window.look("own-article")
    article = page.url
    guest = opened(phone=True)
    theirs = guest.open("/second-hand?city=杭州市&q=自行车")
    guest.look("feed")
    theirs.get_by_role("link", name=re.compile("山地自行车")).click()
    guest.look("article")
    theirs.get_by_role("button", name="我想要").click()
    theirs.wait_for_url("**/checkout/*")
    guest.look("checkout-meeting")
    theirs.get_by_role("button", name=re.compile("提交订单")).last.click()
    theirs.wait_for_url("**/sandbox/pay/*")
    theirs.get_by_role("button", name="确认支付").click()
    theirs.wait_for_url("**/purchases/*")
    _order(theirs)
    guest.look("order-to-fetch")
    code = theirs.locator("section[aria-labelledby=pick-up] code").inner_text()
    page.goto(article)
    window.look("to-hand-over")
    page.get_by_label("取货码").fill(code)
    page.get_by_role("button", name="确认交货").click()
    expect(page.locator("main")).to_contain_text("买家已收货")
    window.look("sold")
    page.goto("/me/second-hand")
    window.look("mine")
    theirs.reload()
    expect(theirs.locator("main")).to_contain_text("已收货")
    opened().open("/second-hand")
