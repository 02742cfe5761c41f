"""Every page and action of the creator portal, for a stranger, for somebody else, for whose thing it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.community.tags.queries import tags_of
from app.core.db import db
from tests import make
from tests.make import order as bought
from tests.pages import Browser
from tests.portal import at_portal

Values = dict[str, str]
Fields = Callable[[Values], dict[str, str]]


def nothing(_: make.MadePerson) -> Values:
    return {}


def goods(_: make.MadePerson) -> Values:
    return {"product_id": str(make.product().id)}


def post(owner: make.MadePerson) -> Values:
    """A public post: everybody may read it, and only its author may change it."""
    pictures = [make.upload(owner), make.upload(owner)]
    made = make.post(owner, [make.product()], uploads=pictures)
    tag = tags_of([made.id])[made.id][0]
    return {**goods(owner), "post_id": str(made.id), "upload_id": str(pictures[1]), "tag_id": str(tag.id)}


def shop(owner: make.MadePerson) -> Values:
    return {"shop_id": str(make.shop(owner).id)}


def product(owner: make.MadePerson) -> Values:
    made = make.product(make.shop(owner))
    return {"product_id": str(made.id), "sku_id": str(made.sku_id)}


def order(owner: make.MadePerson) -> Values:
    made = bought.purchase([bought.line(bought.sku(), shop_id=make.shop(owner).id)])
    return {"order_id": str(made.placed.orders[0].id)}


@dataclass(frozen=True)
class Row:
    """`status`: what the owner gets. `foreign`: what somebody else gets, who has none of it."""

    method: str
    rule: str
    own: Callable[[make.MadePerson], Values] = nothing
    status: int = 200
    foreign: int = 404
    fields: Fields = lambda values: {}

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"

    def path(self, values: Values) -> str:
        return re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda found: values[found[1]], self.rule)


POST, SHOP = "/portal/posts/<uuid:post_id>", "/portal/shops/<uuid:shop_id>"
PICTURE = f"{POST}/pictures/<uuid:upload_id>"
ROWS = [
    Row("GET", "/portal", status=303, foreign=303),
    Row("GET", "/portal/posts", foreign=200),
    Row("GET", "/portal/posts/new", foreign=200),
    Row("POST", "/portal/posts", nothing, 303, 303, lambda v: {"title": "你好"}),
    Row("GET", POST, post),
    Row("GET", f"{POST}/words", post),
    Row("POST", f"{POST}/words", post, 303, fields=lambda v: {"title": "改了"}),
    Row("POST", f"{POST}/visibility", post, 303, fields=lambda v: {"visibility": "private"}),
    Row("GET", f"{POST}/pictures", post),
    Row("POST", f"{POST}/pictures", post, 303),
    Row("POST", f"{PICTURE}/removal", post, 303),
    Row("POST", f"{PICTURE}/cover", post, 303),
    Row("GET", f"{POST}/tags/new", post),
    Row("POST", f"{POST}/tags", post, 303, fields=lambda v: {"product_id": v["product_id"]}),
    Row("POST", f"{POST}/tags/<uuid:tag_id>/removal", post, 303),
    Row("GET", f"{POST}/deletion", post),
    Row("POST", f"{POST}/deletion", post, 303),
    Row("GET", "/portal/shops", foreign=200),
    Row("POST", "/portal/shops", nothing, 303, 303, lambda v: {"name": "小店"}),
    Row("GET", SHOP, shop),
    Row("GET", f"{SHOP}/orders", shop),
    Row("GET", "/portal/orders/<uuid:order_id>", order),
    Row("GET", "/portal/products/<uuid:product_id>", product),
    Row("POST", "/portal/products/<uuid:product_id>/state", product, 303, fields=lambda v: {"state": "off"}),
    Row(
        "POST",
        "/portal/skus/<uuid:sku_id>",
        product,
        303,
        fields=lambda v: {"price": "5", "stock": "10", "seen": "10"},
    ),
]
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


def test_every_page_and_action_of_the_portal_has_a_row(town: Flask) -> None:
    rules = [rule for rule in town.url_map.iter_rules() if rule.rule.startswith("/portal")]
    found = {(method, rule.rule) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert found == {(row.method, row.rule) for row in ROWS}


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
