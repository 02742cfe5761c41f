"""What all pages have in common: whose limits count, where one is sent, what a failure looks like, which cookies."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.core.config import settings
from app.core.http import limits
from app.discover.recommendations import actions as recommendations
from tests import make
from tests.client import Client
from tests.pages import Browser, signed_in, with_second_factor

ODD = ["/%0A/[", "http://[", "//[", "/\\evil.example", "/a\u2028b", "/" + "x" * 3000]


def test_the_limits_of_signed_in_people_are_their_own(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "rate_limits", "development")
    monkeypatch.setattr(limits, "now", lambda: 1_800_000_000)
    left = []
    for _ in range(2):
        browser = signed_in(app, make.person(), "/second-factor").follow()
        browser.send("/sign-out")
        left.append(int(browser.answer.headers["X-RateLimit-Remaining"]))
    assert left[0] == left[1]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_address_to_come_back_to_is_forgotten(app: Flask, odd: str) -> None:
    browser = Browser(app)
    assert browser.client.get("/sign-in", query_string={"next": odd}).status_code == 200
    for path in ("/nothing", "/sign-in", "/second-factor"):
        for method in (browser.client.get, browser.client.post):
            answer = method(path, headers={"Referer": odd.encode("ascii", "ignore").decode(), "Accept": "text/html"})
            assert answer.status_code < 500, (method, path)


def test_a_page_that_is_not_there_offers_no_form_that_would_be_refused(app: Flask) -> None:
    browser = Browser(app).open("/nothing")
    assert browser.status == 404
    assert [one for one in browser.forms if one.method == "post"] == []


def test_a_page_is_shown_though_its_view_cannot_be_counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("no free connection"))

    post = make.post(title="还是看得到")
    monkeypatch.setattr(recommendations, "take_in", away)
    browser = Browser(app).open(f"/p/{post.id}")
    assert browser.status == 200
    assert "还是看得到" in browser.text


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)]
)
def test_a_form_that_another_site_sends_is_refused_whatever_token_it_holds(app: Flask, site: str, status: int) -> None:
    browser = signed_in(app, make.person()).open("/")
    browser.client.environ_base["HTTP_SEC_FETCH_SITE"] = site
    assert browser.send("/language", language="en").status == status


def test_over_https_no_other_host_can_set_our_cookies(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "public_url", "https://shop.example")
    person = make.person()
    answer = app.test_client().get("/sign-in")
    assert {one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")} == {"__Host-guest"}
    assert all("Secure" in one for one in answer.headers.getlist("Set-Cookie"))
    assert person.username


def test_in_production_staff_doors_ask_for_a_second_factor(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = make.person(roles=("moderator",))
    desk = client.as_(moderator.token)
    assert desk.get("/desk/reports").status_code == 200
    monkeypatch.setattr(settings, "app_env", "production")
    refused = desk.get("/desk/reports")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_factor")
    monkeypatch.undo()
    browser, totp = with_second_factor(app, moderator)
    monkeypatch.setattr(settings, "app_env", "production")
    session = browser.client.get_cookie("session")
    assert session is not None
    assert client.as_(session.value).get("/desk/reports").status_code == 200
    assert totp


def test_who_finds_an_open_browser_cannot_set_up_his_own_second_factor(app: Flask) -> None:
    browser = signed_in(app, make.person(), "/second-factor").follow()
    assert browser.send("/second-factor", password="a guess", code="123456").status == 401
    assert "用户名或密码不对" in browser.text
