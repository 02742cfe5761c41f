"""Signing in with a browser."""

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.journeys.people import Somebody
from tests.live import LiveTown


def test_somebody_signs_in_on_a_phone_and_out_again(town: LiveTown, opened: Open) -> None:
    person, window = Somebody(town), opened(phone=True)
    page = window.open("/second-factor")
    window.look("sign-in")
    page.get_by_label("用户名").fill(person.username)
    page.get_by_label("密码").fill("a wrong one")
    window.expect(401)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("main")).to_contain_text("用户名或密码不对")
    page.get_by_label("密码").fill(person.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/second-factor")
    window.look("second-factor")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
