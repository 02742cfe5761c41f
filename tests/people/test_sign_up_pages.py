"""Signing up with a browser: the rules of the API, the guest's things kept, and where people begin."""

from flask import Flask

from app.core.db import db
from app.people.accounts.models import Person, RefreshToken, Session
from tests import make
from tests.client import Client
from tests.pages import Browser

NEW = {"username": "xiaoman_1", "nickname": "小满", "password": "correct horse"}


def people() -> int:
    db.session.remove()
    return db.session.query(Person).count()


def test_a_guest_signs_up_on_the_way_to_a_page_and_keeps_his_cart(app: Flask) -> None:
    goods = make.product()
    before = db.session.query(Session).count(), db.session.query(RefreshToken).count()
    browser = Browser(app).open(f"/goods/{goods.id}")
    browser.post("/cart/lines", **browser.forms[0].fields)
    browser.open("/sign-in?next=/cart")
    assert 'href="/sign-up?next=/cart"' in browser.text
    browser.open("/sign-up?next=/cart")
    assert 'href="/sign-in?next=/cart"' in browser.text
    browser.send("/sign-up", **NEW)
    assert browser.answer.headers["Location"] == "/cart"
    assert goods.title in browser.follow().text
    assert "退出登录" in browser.text
    db.session.remove()
    assert (db.session.query(Session).count(), db.session.query(RefreshToken).count()) == (before[0] + 1, before[1])


def test_what_a_guest_ordered_is_the_accounts_that_he_opens_in_the_same_browser(app: Flask, client: Client) -> None:
    goods = make.product(price=900)
    browser = Browser(app).open(f"/goods/{goods.id}").send("/checkout").follow()
    browser.send(**make.ADDRESS, gateway="sandbox")
    browser.open("/sign-up").send("/sign-up", **NEW)
    body = {"username": NEW["username"], "password": NEW["password"]}
    mine = client.as_(client.post("/sessions", body).json["access_token"])
    assert [one["total"] for one in mine.get("/me/orders").json["items"]] == [900]
    other = Browser(app).open(f"/goods/{goods.id}").send("/checkout").follow()
    other.send(**make.ADDRESS, gateway="sandbox")
    other.open("/sign-in").send("/sign-in", **body)
    assert len(mine.get("/me/orders").json["items"]) == 1, "who merely signs in may sit at another's browser"


def test_the_new_account_is_one_of_the_apps_too(app: Flask, client: Client) -> None:
    Browser(app).open("/sign-up").send("/sign-up", **NEW)
    body = {"username": NEW["username"], "password": NEW["password"]}
    assert client.post("/sessions", body).json["person"]["nickname"] == "小满"


def test_what_is_refused_is_said_beside_its_field_and_what_was_typed_stays(app: Flask) -> None:
    taken = make.person()
    for wrong, words in (
        ({"username": "a b"}, "须为 3 到 30 个字母"),
        ({"username": taken.username.upper()}, "用户名已被使用"),
        ({"password": "short"}, "长度须在 8 到 200 之间"),
        ({"nickname": " "}, "不能为空白"),
    ):
        browser = Browser(app).open("/sign-up?next=/cart").send("/sign-up", **{**NEW, **wrong})
        assert browser.status == 422
        assert words in browser.text
        fields = browser.forms[0].fields
        sent = {**NEW, **wrong, "next": "/cart", "password": ""}
        assert {name: fields[name] for name in sent} == sent
        assert browser.client.get_cookie("session") is None
    assert people() == 1


def test_signing_up_sends_nobody_to_another_server(app: Flask) -> None:
    browser = Browser(app).open("/sign-up").send("/sign-up", **NEW, next="//evil.example")
    assert browser.answer.headers["Location"] == "/"


def test_a_buyer_begins_at_the_wall_and_who_has_a_shop_or_a_role_at_the_portal(app: Flask) -> None:
    plain, kol, merchant = make.person(), make.person(roles=["kol"]), make.shop().owner
    for person, where in ((plain, "/"), (kol, "/portal"), (merchant, "/portal")):
        browser = Browser(app).open("/sign-in")
        browser.send("/sign-in", username=person.username, password=person.password)
        assert browser.answer.headers["Location"] == where
    assert Browser(app).open("/portal").answer.headers["Location"] == "/sign-in?next=%2Fportal"
