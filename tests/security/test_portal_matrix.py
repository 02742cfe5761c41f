"""Every page and action of the creator portal, for a stranger, for somebody else, for whose thing it is."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db
from tests import make
from tests.pages import Browser
from tests.portal import at_portal
from tests.security.portal import ROWS, Row, Values

CHANGES = [row for row in ROWS if row.method == "POST"]


def visit(browser: Browser, row: Row, values: Values) -> Browser:
    """Open the page, or send the form as a page of ours gives it to this visitor."""
    if row.method == "GET":
        return browser.open(row.path(values))
    token = browser.open("/sign-in").forms[0].fields["form_token"]
    return browser.post(row.path(values), form_token=token, **row.fields(values))


def written() -> tuple[object, ...]:
    """A sign of anything that the portal changes."""
    db.session.rollback()
    tables = ("posts_posts", "posts_log", "posts_deletions", "tags_tags", "catalogue_log", "inventory_movements")
    counted = [db.session.scalar(text(f"SELECT count(*) FROM {one}")) for one in (*tables, "shops_shops")]
    signs = "SELECT max(edited_at)::text FROM posts_posts UNION ALL SELECT sum(price)::text FROM catalogue_skus"
    return (*counted, *db.session.scalars(text(signs)).all())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_opens_to_whose_it_is_and_to_nobody_else(app: Flask, row: Row) -> None:
    owner, another = make.person(), make.person(roles=("kol", "moderator", "admin"))
    make.post(another)
    make.shop(another)
    values = row.own(owner)
    before = written()
    stranger = visit(Browser(app), row, values)
    assert (stranger.status, stranger.answer.headers["Location"].partition("?")[0]) == (303, "/sign-in")
    assert written() == before
    foreign = visit(at_portal(app, another), row, values)
    assert foreign.status == row.foreign, foreign.text
    if row.foreign == 404:
        assert written() == before
        absent = {name: str(uuid4()) for name in values}
        assert shown(visit(at_portal(app, another), row, absent)) == shown(foreign)
    mine = visit(at_portal(app, owner), row, values)
    assert mine.status == row.status, mine.text


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: row.name)
def test_a_form_without_its_token_changes_nothing(app: Flask, row: Row) -> None:
    owner, another = make.person(), make.person()
    values = row.own(owner)
    before = written()
    browser = at_portal(app, owner)
    foreign = at_portal(app, another).open("/sign-in").forms[0].fields["form_token"]
    for token in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": foreign}):
        assert browser.post(row.path(values), **token, **row.fields(values)).status == 403
    assert written() == before


def shown(page: Browser) -> str:
    """What a page says, without what differs at each visit."""
    return re.sub(r'value="[^"]*"|href="[^"]*"', "", page.text)
