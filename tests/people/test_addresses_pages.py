"""The address book in a browser."""

import re

from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.people.addresses.models import Address
from tests import make
from tests.make import ADDRESS
from tests.pages import Browser, signed_in

BOOK = "/me/addresses"


def streets(browser: Browser) -> list[str]:
    """The streets of the book, in its order."""
    return re.findall(r'<section class="sheet" aria-label="\S+ ([^"]+)"', browser.open(BOOK).text)


def added(browser: Browser, street: str, **more: str) -> Browser:
    return browser.open(f"{BOOK}/new").send(BOOK, **{**ADDRESS, "street": street, **more})


def test_a_book_is_kept(app: Flask) -> None:
    browser = signed_in(app, make.person())
    assert "还没有地址" in browser.open(BOOK).text
    added(browser, "一号").follow()
    added(browser, "二号")
    added(browser, "三号", is_default="1")
    assert streets(browser) == ["三号", "二号", "一号"]
    assert browser.text.count("默认</span>") == 1
    first = next(one.action for one in browser.forms if one.action.endswith("/default"))
    browser.send(first).follow()
    assert streets(browser) == ["二号", "三号", "一号"]
    browser.open(first.removesuffix("/default")).send(street="二号楼", phone="x")
    assert (browser.status, 'value="二号楼"' in browser.text) == (422, True)
    browser.send(street="二号楼", phone="13700000000").follow()
    assert streets(browser) == ["二号楼", "三号", "一号"]
    browser.open(BOOK).send("/removal").follow()
    assert streets(browser) == ["三号", "一号"]


def test_a_form_sent_twice_keeps_one(app: Flask) -> None:
    browser = signed_in(app, make.person()).open(f"{BOOK}/new")
    form = next(one for one in browser.forms if one.action == BOOK)
    assert [browser.post(BOOK, **{**form.fields, **ADDRESS}).status for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Address)) == 1


def test_it_leads_on_to_where_it_was_wanted_and_nowhere_else(app: Flask) -> None:
    browser = signed_in(app, make.person())
    for wanted, where in (("/cart", "/cart"), ("https://evil.example", BOOK)):
        browser.open(f"{BOOK}/new?next={wanted}").send(BOOK, **ADDRESS)
        assert browser.answer.headers["Location"] == where


def test_a_saved_address_is_chosen_in_the_press_that_orders(app: Flask) -> None:
    browser, goods = signed_in(app, make.person()), make.product()
    added(browser, "家里", is_default="1")
    added(browser, "公司")
    browser.open(f"/goods/{goods.id}").send("/checkout").follow()
    ids = re.findall(r'name="address_id" id="to-([0-9a-f-]{36})"', browser.text)
    assert len(ids) == 2
    browser.send(address_id=ids[1]).follow().send(outcome="paid").follow()
    assert "公司" in browser.text


def test_nobody_sees_anothers(app: Flask) -> None:
    added(signed_in(app, make.person()), "一号")
    one = db.session.scalars(select(Address.id)).one()
    other = signed_in(app, make.person())
    assert other.open(f"{BOOK}/{one}").status == 404
    token = other.open("/sign-in").forms[-1].fields["form_token"]
    for step in ("", "/default", "/removal"):
        assert other.post(f"{BOOK}/{one}{step}", **ADDRESS, form_token=token).status == 404
    assert Browser(app).open(BOOK).answer.headers["Location"].startswith("/sign-in")
