"""Writing a post with a browser: pictures, goods where one points, and nothing is public too early."""

import httpx
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.window import Window
from tests.journeys.people import Somebody, picture
from tests.live import LiveTown

TITLE = "周末露营清单"


def signed_in(window: Window, person: Somebody, path: str) -> Page:
    page = window.open(path)
    page.get_by_label("用户名").fill(person.username)
    page.get_by_label("密码").fill(person.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{path}")
    return page


def test_a_post_is_written_on_a_phone_with_goods_where_one_points(town: LiveTown, opened: Open) -> None:
    kol, merchant = Somebody(town, "小鹿"), Somebody(town, "店主")
    merchant.lists(merchant.opens_a_shop(), title="速开双人帐篷")
    window = opened(phone=True)
    page = signed_in(window, kol, "/portal/posts")
    window.look("empty")
    page.get_by_role("link", name="写笔记", exact=True).click()
    window.look("new")
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("话题").fill("露营 咖啡")
    page.get_by_label("图片").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_url("**/pictures")
    window.look("pictures")
    page.locator("input[type=image]").click(position={"x": 80, "y": 60})
    page.get_by_label("商品名称").fill("帐篷")
    page.get_by_role("button", name="搜索").click()
    window.look("goods")
    assert page.get_by_label("从左起").input_value() == "25.0"
    page.get_by_role("button", name="标记 速开双人帐篷").click()
    page.wait_for_url("**/pictures?picture=0")
    window.look("tagged")
    assert page.locator(".dot").get_attribute("transform") == "translate(80.0 60.0)"
    post_id = page.url.split("/")[-2]
    assert httpx.get(f"{town.url}/api/v1/posts/{post_id}").status_code == 404
    page.get_by_role("button", name="公开发布").click()
    page.wait_for_url(f"**/portal/posts/{post_id}")
    window.look("published")
    assert httpx.get(f"{town.url}/api/v1/posts/{post_id}").json()["title"] == TITLE


def test_goods_are_tagged_without_a_mouse(town: LiveTown, opened: Open) -> None:
    kol, merchant = Somebody(town, "小鹿"), Somebody(town, "店主")
    merchant.lists(merchant.opens_a_shop(), title="速开双人帐篷")
    window = opened()
    page = signed_in(window, kol, "/portal/posts/new")
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("图片").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_url("**/pictures")
    page.locator("input[type=image]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tags/new?*")
    assert page.get_by_label("从左起").input_value() == ""
    page.get_by_label("商品名称").fill("帐篷")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.get_by_label("从左起").fill("40")
    page.get_by_label("从上起").fill("70")
    page.get_by_role("button", name="标记 速开双人帐篷").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/pictures?picture=0")
    window.look("tagged")
    assert "左 40% 上 70%" in page.inner_text("main")
