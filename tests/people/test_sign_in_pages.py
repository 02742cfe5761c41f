"""Signing in with a browser: the cookie, its rotation, the second factor, and where one may be sent afterwards."""

import pytest
from flask import Flask

from app.core import clock
from app.core.db import in_transaction
from app.people.accounts.actions import suspend_person
from app.people.factors.actions import take_away
from tests import make
from tests.client import Client
from tests.pages import Browser, signed_in, with_second_factor

SETTING_UP = "/second-factor"


def session_of(browser: Browser) -> str | None:
    cookie = browser.client.get_cookie("session")
    return cookie.value if cookie else None


def test_a_person_signs_in_and_goes_on_to_the_page_he_wanted(app: Flask) -> None:
    browser = signed_in(app, make.person(), "/second-factor?a=b")
    assert browser.status == 303
    assert browser.answer.headers["Location"] == "/second-factor?a=b"
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert browser.follow().status == 200


def test_a_wrong_password_says_so_and_keeps_the_name(app: Flask) -> None:
    person = make.person()
    browser = Browser(app).open("/sign-in").send("/sign-in", username=person.username, password="not this one")
    assert browser.status == 401
    assert "用户名或密码不对" in browser.text
    assert f'value="{person.username}"' in browser.text
    assert session_of(browser) is None


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_server_after_signing_in(app: Flask, elsewhere: str) -> None:
    person, browser = make.person(), Browser(app).open("/sign-in")
    browser.send("/sign-in", username=person.username, password=person.password, next=elsewhere)
    assert browser.answer.headers["Location"] == "/"


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(app: Flask) -> None:
    person = make.person()
    browser = signed_in(app, person, SETTING_UP)
    first = session_of(browser)
    browser.open("/sign-in").send("/sign-in", username=person.username, password=person.password)
    assert session_of(browser) != first
    thief = Browser(app)
    thief.client.set_cookie("session", first or "")
    assert thief.open("/second-factor").status == 303


def test_a_session_that_was_signed_out_is_dead_on_the_server_too(app: Flask) -> None:
    browser = signed_in(app, make.person(), SETTING_UP).follow()
    kept = session_of(browser)
    assert browser.send("/sign-out").status == 303
    assert not session_of(browser)
    browser.client.set_cookie("session", kept or "")
    assert browser.open("/second-factor").answer.headers["Location"].startswith("/sign-in?next=")


def test_a_form_without_the_token_of_this_session_changes_nothing(app: Flask) -> None:
    browser = signed_in(app, make.person(), SETTING_UP).follow()
    other = signed_in(app, make.person(), SETTING_UP).follow()
    foreign = next(one for one in other.forms if one.action == "/sign-out").fields["form_token"]
    for token in ({}, {"form_token": "0" * 64}, {"form_token": foreign}):
        assert browser.post("/sign-out", **token).status == 403
    assert browser.open("/second-factor").status == 200


def test_who_set_up_a_second_factor_is_asked_for_its_code_at_every_sign_in(app: Flask, client: Client) -> None:
    person = make.person()
    browser, totp = with_second_factor(app, person)
    assert browser.status == 303
    again = signed_in(app, person, SETTING_UP)
    assert again.status == 200
    assert session_of(again) is None
    assert again.send("/code", code="000000").status == 401
    with clock.moved(seconds=30):
        assert again.send("/code", code=totp.at(clock.now())).status == 303
        assert again.follow().status == 200
    body = {"username": person.username, "password": person.password}
    refused = client.post("/sessions", body)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "second_factor")
    with clock.moved(seconds=60):
        assert client.post("/sessions", {**body, "code": totp.at(clock.now())}).status_code == 201


def test_a_code_counts_once(app: Flask, client: Client) -> None:
    person = make.person()
    _, totp = with_second_factor(app, person)
    with clock.moved(seconds=30):
        body = {"username": person.username, "password": person.password, "code": totp.at(clock.now())}
        assert client.post("/sessions", body).status_code == 201
        again = client.post("/sessions", body)
    assert (again.status_code, again.get_json()["code"]) == (401, "bad_code")


def test_five_wrong_codes_lock_out_even_the_right_one_for_a_minute(app: Flask, client: Client) -> None:
    person = make.person()
    _, totp = with_second_factor(app, person)
    body = {"username": person.username, "password": person.password}
    for _ in range(5):
        assert client.post("/sessions", {**body, "code": "123"}).status_code == 401
    with clock.moved(seconds=31):
        locked = client.post("/sessions", {**body, "code": totp.at(clock.now())})
    assert locked.status_code == 429
    assert 1 <= int(locked.headers["Retry-After"]) <= 30
    with clock.moved(seconds=90):
        assert client.post("/sessions", {**body, "code": totp.at(clock.now())}).status_code == 201


def test_setting_up_a_second_factor_ends_all_other_sessions(app: Flask, client: Client) -> None:
    person = make.person()
    browser, _ = with_second_factor(app, person)
    assert client.as_(person.token).get("/me").status_code == 401
    assert "你已开启两步验证" in browser.open("/second-factor").text


def test_a_wrong_first_code_sets_nothing_up(app: Flask) -> None:
    person = make.person()
    browser = signed_in(app, person, SETTING_UP).follow()
    assert browser.send("/second-factor", password=person.password, code="000000").status == 422
    assert signed_in(app, person, SETTING_UP).status == 303


def test_who_lost_his_device_signs_in_by_password_once_it_is_taken_away(app: Flask) -> None:
    person = make.person()
    with_second_factor(app, person)
    assert in_transaction(lambda: take_away(person.id)) is True
    assert signed_in(app, person, SETTING_UP).status == 303


def test_the_code_must_follow_the_password_soon(app: Flask) -> None:
    person = make.person()
    _, totp = with_second_factor(app, person)
    again = signed_in(app, person, SETTING_UP)
    proof = again.forms[0].fields["proof"]
    assert again.send("/code", proof=proof[:-2] + "xx", code=totp.at(clock.now())).status == 401


def test_a_suspended_person_is_told_so_and_thrown_out(app: Flask) -> None:
    person = make.person()
    browser = signed_in(app, person, SETTING_UP).follow()
    in_transaction(lambda: suspend_person(person.id, None, "刷屏"))
    assert browser.open("/second-factor").status == 303
    assert "刷屏" in signed_in(app, person, SETTING_UP).text


def test_the_language_can_be_chosen_by_hand(app: Flask) -> None:
    browser = Browser(app).open("/sign-in")
    assert "登录" in browser.text
    browser.send("/language", language="en").follow()
    assert "Sign in" in browser.text
