"""A shop is set up with a browser on a phone: page, staff, papers, deposit, resale, keys; and moderators look at it."""

import os
import re
import subprocess
import sys

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.test_writing import signed_in
from tests.browser.window import Window
from tests.journeys.people import Somebody, picture
from tests.live import LiveTown
from tests.make.application import CREDIT_CODE, ID_NUMBER
from tests.services import ROOT

FILE = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture(900, 300)}


def test_a_shop_has_a_page_and_staff_on_a_phone(town: LiveTown, opened: Open) -> None:
    merchant, packer = Somebody(town, "店主"), Somebody(town, "小满")
    shop = merchant.opens_a_shop("山野茶铺")
    merchant.lists(shop, title="青瓷茶杯")
    window = opened(phone=True)
    page = signed_in(window, merchant, f"/portal/shops/{shop}/page")
    window.look("empty")
    page.get_by_label("配色").select_option("tea")
    page.get_by_label("店铺简介").fill("一杯好茶")
    page.get_by_role("button", name="保存").click()
    page.get_by_label("加入商品").select_option(label="青瓷茶杯")
    page.get_by_role("button", name="加入", exact=True).click()
    page.get_by_label("栏目标题").fill("新品")
    page.get_by_label("放什么").select_option("newest")
    page.get_by_role("button", name="添加栏目").click()
    page.get_by_label("图片").set_input_files(FILE)
    page.get_by_label("图上说了什么").fill("春茶上市")
    page.get_by_label("点击之后打开").select_option(label="栏目：新品")
    page.get_by_role("button", name="添加横幅").click()
    expect(page.locator("summary", has_text="删除 春茶上市")).to_be_visible()
    window.look("arranged")
    page.get_by_role("link", name="看看顾客看到的样子").click()
    expect(page.get_by_role("img", name="春茶上市")).to_be_visible()
    window.look("seen")
    window.open(f"/portal/shops/{shop}/staff")
    page.get_by_label("用户名").fill(packer.username)
    page.get_by_role("button", name="发出邀请").click()
    expect(page.get_by_role("heading", name="等待答复")).to_be_visible()
    window.look("invited")
    other = opened(phone=True)
    signed_in(other, packer, "/portal/invitations")
    other.look("invitation")
    other.page.get_by_role("button", name="接受").click()
    other.page.wait_for_url(f"**/portal/shops/{shop}")


def test_pages_of_a_shop_fit_a_phone_and_everybody(town: LiveTown, opened: Open) -> None:
    merchant = Somebody(town, "店主")
    shop = merchant.opens_a_shop()
    merchant.lists(shop)
    window = opened(phone=True)
    page = signed_in(window, merchant, f"/portal/shops/{shop}/settings")
    page.get_by_role("textbox", name="店铺名称").fill("云间茶舍")
    page.get_by_role("button", name="改名").click()
    expect(page.locator("h1")).to_contain_text("云间茶舍")
    page.get_by_label("用途").fill("ERP")
    page.get_by_role("button", name="生成密钥").click()
    expect(page.locator("#token")).to_be_visible()
    window.look("key")
    for name in ("deposit", "resale", "score", "papers", "papers/shop", "papers/supplier", "papers/brand"):
        window.open(f"/portal/shops/{shop}/{name}")
        window.look(name.replace("/", "-"))
    english = opened(language="en")
    english.open(f"/shops/{shop}")
    english.look("shop-en")


def test_papers_are_sent_on_a_phone_and_approved_by_a_moderator(town: LiveTown, opened: Open) -> None:
    merchant, moderator = Somebody(town, "店主"), Somebody(town, "版主")
    grant = [sys.executable, "-m", "flask", "accounts", "grant", moderator.username, "moderator"]
    subprocess.run(grant, env={**os.environ, **town.env}, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    shop = merchant.opens_a_shop("山野茶铺")
    window = opened(phone=True)
    page = signed_in(window, merchant, f"/portal/shops/{shop}/papers/shop")
    _fill_in(page)
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**/papers")
    window.look("sent")
    desk = opened()
    _prove(desk, moderator)
    desk.open("/admin/applications")
    desk.look("queue")
    desk.page.get_by_role("link", name="山野茶铺").click()
    expect(desk.page.locator("main")).to_contain_text(ID_NUMBER)
    desk.look("papers")
    desk.page.get_by_role("button", name="通过").click()
    expect(desk.page.locator("h1 .badge")).to_have_text("已通过")
    for path in ("/admin/shops", f"/admin/shops/{shop}", f"/admin/shops/{shop}/deposit", "/admin/suppliers"):
        desk.open(path)
        desk.look(path.strip("/").replace("/", "-").replace(shop, "one"))


def _fill_in(page: Page) -> None:
    texts = {
        "主体名称": "山野茶业有限公司",
        "统一社会信用代码": CREDIT_CODE,
        "法定代表人或经营者姓名": "王小明",
        "身份证号": ID_NUMBER,
        "联系电话": "13800000000",
        "经营地址": "杭州市西湖区文三路 1 号",
    }
    for label, text in texts.items():
        page.get_by_label(label, exact=True).fill(text)
    for label in ("营业执照照片", "身份证人像面", "身份证国徽面"):
        page.get_by_label(label).set_input_files(FILE)


def _prove(desk: Window, person: Somebody) -> None:
    """Sign in, and set up a second factor as staff must."""
    page = signed_in(desk, person, "/second-factor")
    secret = re.search(r"\w{32}", page.locator("#secret").inner_text())
    assert secret is not None
    page.get_by_label("密码").fill(person.password)
    page.get_by_label("动态码").fill(pyotp.TOTP(secret[0]).now())
    page.locator("main button").last.click()
    page.wait_for_load_state()
