"""The door of links: the price and stock of this moment, and who looked."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.buying.links import actions
from app.buying.links.models import Click
from app.buying.links.schemas import LinkOut
from app.core import clock
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.guests import guest_of, new_guest_token
from app.core.http.limits import PROFILES, limiter
from app.core.ids import new_id
from app.core.worker import sweep_once
from app.store.catalogue import actions as catalogue
from app.store.categories.models import STARTING_CATEGORIES
from app.store.variants.models import SkuWanted
from tests import make
from tests.client import Client
from tests.pages import Browser


def test_a_link_shows_goods_post_and_promoter_at_the_price_and_stock_of_this_moment(client: Client) -> None:
    skus = [SkuWanted(name="蓝", price=9900, stock=1), SkuWanted(name="白", price=12900, stock=0)]
    cup, kol, post_id = make.product(skus=skus), make.person(), new_id()
    link = make.link(cup, kol, post_id)
    shown = body(client.get(f"/links/{link.code}"))
    assert shown["skus"] == [
        {"id": str(cup.sku_ids[0]), "name": "蓝", "price": 9900, "in_stock": True},
        {"id": str(cup.sku_ids[1]), "name": "白", "price": 12900, "in_stock": False},
    ]
    assert (shown["product"]["id"], shown["product"]["title"]) == (str(cup.id), cup.title)
    assert (shown["post"], shown["promoter"]) == ({"id": str(post_id)}, {"id": str(kol.id)})
    assert (shown["in_stock"], shown["similar"], shown["url"]) == (True, [], f"/l/{link.code}")
    staff = make.as_staff(cup.shop)
    in_transaction(lambda: catalogue.change_sku(staff, cup.sku_id, price=8800))
    assert body(client.get(f"/links/{link.code}"))["skus"][0]["price"] == 8800
    in_transaction(lambda: catalogue.change_sku(staff, cup.sku_id, stock=0))
    shown = body(client.get(f"/links/{link.code}"))
    assert (shown["in_stock"], shown["product"]["in_stock"]) == (False, False)


def test_goods_that_are_off_are_shown_with_similar_ones_and_taken_down_ones_are_missing(client: Client) -> None:
    category = next(iter(STARTING_CATEGORIES))
    cup, bowl = make.product(category_id=category), make.product(category_id=category)
    link, staff = make.link(cup), make.as_staff(cup.shop)
    in_transaction(lambda: catalogue.change_product(staff, cup.id, state="off"))
    shown = body(client.get(f"/links/{link.code}"))
    assert (shown["in_stock"], [one["id"] for one in shown["similar"]]) == (False, [str(bowl.id)])
    assert not any(one["in_stock"] for one in shown["skus"])
    in_transaction(lambda: catalogue.take_down(cup.id, "侵权", new_id()))
    assert client.get(f"/links/{link.code}").status_code == 404
    in_transaction(lambda: catalogue.restore(cup.id))
    assert client.get(f"/links/{link.code}").status_code == 200


def test_a_link_sells_on_without_its_post_once_the_post_is_gone(client: Client) -> None:
    post_id = new_id()
    link = make.link(post_id=post_id)
    in_transaction(lambda: actions.part_from_post(post_id))
    shown = body(client.get(f"/links/{link.code}"))
    assert (shown["post"], shown["in_stock"]) == (None, True)


def test_each_opening_is_recorded_with_its_link_and_who_it_was(client: Client) -> None:
    link, person, token = make.link(), make.person(), new_guest_token()
    for one in (client, client.as_(person.token), client.as_(token)):
        assert one.get(f"/links/{link.code}").status_code == 200
    rows = db.session.execute(select(Click.link_id, Click.visitor_kind, Click.visitor_id).order_by(Click.id)).all()
    assert [tuple(row) for row in rows] == [
        (link.id, None, None),
        (link.id, "person", person.id),
        (link.id, "guest", guest_of(token)),
    ]


def test_an_unknown_code_is_404_whatever_its_form(client: Client) -> None:
    for code in ("1111111111", "x", "%00", "%FF", "链接", "a" * 3000, "..%2F"):
        assert client.get(f"/links/{code}").status_code == 404, code
    assert db.session.scalar(select(Click.id)) is None


def test_the_ready_bytes_say_what_the_schema_says(client: Client) -> None:
    category = next(iter(STARTING_CATEGORIES))
    cup = make.product(category_id=category)
    make.product(category_id=category)
    link = make.link(cup)
    in_transaction(lambda: catalogue.change_product(make.as_staff(cup.shop), cup.id, state="off"))
    body(client.get(f"/links/{link.code}"))


def body(answer: TestResponse) -> dict:
    """The JSON of a 200 that is exactly as the schema says."""
    assert answer.status_code == 200, answer.text
    schema = LinkOut()
    assert schema.dump(schema.load(answer.json)) == answer.json
    return answer.json


def test_a_head_is_no_click_neither_at_the_api_nor_on_the_page(client: Client, app: Flask) -> None:
    link = make.link()
    browser = app.test_client()
    assert browser.head(f"/api/v1/links/{link.code}").status_code == 200
    assert browser.head(f"/l/{link.code}").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Click)) == 0
    assert browser.get(f"/l/{link.code}").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Click)) == 1


def test_openings_of_links_are_limited_at_the_api_and_on_the_page(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = make.link()
    for name in ("track", "page"):
        monkeypatch.setitem(PROFILES["production"], name, "1/minute")
    monkeypatch.setattr(settings, "rate_limits", "production")
    limiter.reset()
    try:
        paths = (f"/l/{link.code}", f"/api/v1/links/{link.code}") * 2
        got = [Browser(app).open(path).status for path in paths]
    finally:
        limiter.reset()
    assert got == [200, 200, 429, 429]
    kinds = db.session.scalars(select(Click.visitor_kind)).all()
    assert kinds == ["passing"], "the stranger at the API counts as the same address, and earns nothing"


def test_clicks_are_swept_after_ninety_days(client: Client) -> None:
    link, sweep = make.link(), ["buying.links.forget_old_clicks"]
    in_transaction(lambda: [actions.record_click(link, None) for _ in range(3)])
    with clock.moved(days=60):
        in_transaction(lambda: actions.record_click(link, None))
    with clock.moved(days=89):
        assert sweep_once(sweep) == 0
    with clock.moved(days=91):
        assert sweep_once(sweep) == 3
    assert db.session.scalar(select(func.count()).select_from(Click)) == 1
