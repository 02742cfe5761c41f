"""The main story, with a mouse: a KOL writes a post, a guest buys by its link, the KOL sees what it brought, and a
moderator takes it down."""

import re
import subprocess
import sys
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from app.core import clock
from tests.browser.conftest import Open
from tests.browser.window import Window
from tests.journeys.people import ADDRESS, Somebody, eventually, picture
from tests.live import LiveTown
from tests.services import ROOT


def sign_in(window: Window, person: Somebody, path: str) -> Page:
    page = window.open(path)
    page.get_by_label("用户名").fill(person.username)
    page.get_by_label("密码").fill(person.password)
    page.get_by_role("button", name="登录").click()
    return page


def write_post(window: Window, kol: Somebody, goods: str, photo: Path) -> str:
    """A post with a picture, goods tagged where the mouse pressed, published; answers its id."""
    page = sign_in(window, kol, "/portal")
    page.wait_for_url("**/portal/posts")
    window.look("no-posts")
    page.get_by_role("link", name="写笔记").first.click()
    page.get_by_label("标题").fill("这条围巾太好看了")
    page.get_by_label("正文").fill("冬天出门都靠它")
    page.set_input_files("input[type=file]", photo)
    window.look("writing")
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_url("**/pictures")
    page.locator("input[type=image]").click(position={"x": 85, "y": 200})
    page.get_by_label("商品名称").fill(goods)
    page.get_by_role("button", name="搜索").click()
    window.look("choosing")
    page.get_by_role("button", name=f"标记 {goods}").click()
    page.wait_for_url("**/pictures*")
    assert goods in page.locator("[data-tag]").inner_text()
    window.look("tagged")
    page.get_by_role("button", name=re.compile("公开|发布")).first.click()
    expect(page.get_by_role("link", name="公开页面")).to_be_visible()
    found = re.search(r"/portal/posts/([0-9a-f-]{36})", page.url)
    assert found
    return found[1]


def buy(window: Window, code: str) -> None:
    page = window.open(f"/l/{code}")
    window.look("link")
    page.get_by_role("button", name="立即购买").filter(visible=True).click()
    page.wait_for_url("**/checkout/*")
    for name, value in ADDRESS.items():
        page.fill(f"#{name}", value)
    page.get_by_role("button", name=re.compile("提交订单")).click()
    page.get_by_role("button", name="确认支付").click()
    page.wait_for_url("**/purchases/*")
    assert "已支付" in page.inner_text("main")


def make_moderator(town: LiveTown, person: Somebody) -> None:
    """By the command of who runs the server."""
    command = [sys.executable, "-m", "flask", "accounts", "grant", person.username, "moderator"]
    subprocess.run(command, env=town.env, cwd=ROOT, check=True, capture_output=True, timeout=60)


def figures(page: Page, post_id: str) -> dict[str, str]:
    found = page.locator(f"[data-post='{post_id}'][data-metric]").all()
    return {str(one.get_attribute("data-metric")): one.inner_text() for one in found}


def set_up_second_factor(page: Page, person: Somebody) -> None:
    """As a moderator does at his first visit to the admin view."""
    page.wait_for_url("**/second-factor*")
    secret = page.locator("#secret").inner_text()
    page.get_by_label("登录密码").fill(person.password)
    page.get_by_label("六位动态码").fill(pyotp.TOTP(secret).at(clock.now()))
    page.get_by_role("button", name="开启").click()
    page.wait_for_url("**/admin/queue")


def test_a_post_sells_and_is_taken_down(town: LiveTown, opened: Open, tmp_path: Path) -> None:
    merchant, kol, moderator = Somebody(town, "店主"), Somebody(town, "小红"), Somebody(town, "版主")
    merchant.lists(merchant.opens_a_shop(), title="冬季羊毛围巾", price=9900, stock=3)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture(900, 1200))

    desk = opened()
    post_id = write_post(desk, kol, "冬季羊毛围巾", photo)
    shown = kol.get(f"/posts/{post_id}").json()
    assert (shown["visibility"], shown["tags"][0]["image"]) == ("public", 0)
    assert abs(shown["tags"][0]["x"] - 0.25) < 0.02
    buy(opened(phone=True), shown["tags"][0]["link"]["code"])

    page = desk.open("/portal/posts")
    assert figures(page, post_id) == {"views": "0", "clicks": "1", "orders": "1", "revenue": "¥99.00"}
    desk.look("figures")
    page.locator(f"[data-post='{post_id}'][data-metric='revenue']").click()
    expect(page.locator("tr[data-line]")).to_have_count(1)
    desk.look("rows")

    make_moderator(town, moderator)
    eventually(lambda: post_id in str(kol.get("/feed/explore").json()), 20)
    staff = opened()
    page = sign_in(staff, moderator, "/admin")
    set_up_second_factor(page, moderator)
    eventually(lambda: "这条围巾太好看了" in page.reload().text(), 20)
    staff.look("queue")
    page.get_by_label(re.compile("下架原因")).fill("图片侵权")
    page.get_by_role("button", name=re.compile("^下架")).click()
    expect(page.get_by_role("article").filter(has_text="这条围巾太好看了")).to_have_count(0)
    staff.look("decided")

    opened(phone=True).open(f"/p/{post_id}", status=404)
    assert kol.get("/feed/explore").json()["items"] == []
    assert "图片侵权" in desk.open("/portal/posts").inner_text("main")
    desk.look("taken-down")
