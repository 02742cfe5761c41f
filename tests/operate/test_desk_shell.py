"""What all pages of the portal and the admin view have in common: menu, ways out, times, charts."""

import re
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.charts import HEIGHT, WIDTH, bars
from app.core.db import db, in_transaction
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from tests import make
from tests.make import order as bought
from tests.pages import Browser, signed_in
from tests.portal import at_portal

CURRENT = re.compile(r'aria-current="page" href="([^"]+)"')
LABELS = re.compile(r'<div class="chart-days">(.*)</div>')
NOTHING = "最近 30 天没有"


def labels(page: Browser) -> list[str]:
    """Those below the first chart of a page."""
    found = LABELS.search(page.text)
    return re.findall("<span>([^<]*)</span>", found[1]) if found else []


def test_the_shops_are_marked_in_the_menu_on_every_page_of_a_merchant(app: Flask) -> None:
    shop = make.shop()
    goods = make.product(shop)
    made = bought.purchase([bought.line(bought.sku(), shop_id=shop.id)])
    page = at_portal(app, shop.owner, "/portal/shops")
    for path in (
        "/portal/shops",
        f"/portal/shops/{shop.id}/goods/new",
        f"/portal/products/{goods.id}",
        f"/portal/products/{goods.id}/skus/new",
        f"/portal/orders/{made.placed.orders[0].id}",
    ):
        assert "/portal/shops" in CURRENT.findall(page.open(path).text), path
    assert "/portal/shops" not in CURRENT.findall(page.open("/portal/posts").text)


def test_the_portal_opens_where_there_is_something_and_with_posts_for_a_newcomer(app: Flask) -> None:
    writer = make.shop().owner
    make.post(writer)
    found = ((make.shop().owner, "/portal/shops"), (make.person(), "/portal/posts"), (writer, "/portal/posts"))
    for person, path in found:
        assert at_portal(app, person, "/portal").answer.headers["Location"] == path


def test_portal_and_admin_view_lead_to_the_wall(app: Flask, desk: Browser) -> None:
    assert 'href="/">逛社区</a>' in at_portal(app, make.person(), "/portal/posts").text
    assert 'href="/">逛社区</a>' in desk.open("/admin/people").text


@pytest.mark.parametrize(("language", "zone"), [("zh-CN", ""), ("en", " (UTC+8)")])
def test_who_reads_english_is_told_the_zone_of_a_time(app: Flask, language: str, zone: str) -> None:
    page = signed_in(app, make.shop().owner, "/portal/shops", language).follow()
    assert re.search(r'<time datetime="[^"]+">\d{4}-\d\d-\d\d \d\d:\d\d' + re.escape(zone) + "</time>", page.text)


def test_a_chart_tells_its_most_and_the_days_that_it_shows(app: Flask) -> None:
    shop = make.shop()
    for price, ago in ((1000, 0), (234_500, 3)):
        made = bought.payment(bought.purchase([bought.line(bought.sku(), price, 1, shop.id)]))
        kept = in_transaction(partial(payments.play_outcome, payment_now(made.id), "paid"))
        in_transaction(partial(payments.settle_callback, kept))
        back = text("UPDATE orders_purchases SET paid_at = :at WHERE total = :total")
        at = {"at": clock.now() - timedelta(days=ago), "total": price}
        in_transaction(partial(db.session.execute, back, at))
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/orders")
    assert '<div class="chart-most">最高 ¥2,345.00</div>' in page.text
    days = clock.china_days(30)
    assert labels(page) == [f"{one:%m-%d}" for one in (days[0], days[15], days[29])]
    assert page.text.count("<rect") == page.text.count('<th scope="row">') == 30
    assert NOTHING not in page.text


def test_a_chart_of_nothing_says_so_in_words_and_keeps_its_table(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/orders")
    assert NOTHING in page.text
    assert "<svg" not in page.text and labels(page) == []
    assert page.text.count('<th scope="row">') == 30


def test_the_largest_bar_is_as_high_as_the_drawing_and_all_fit_in(app: Flask) -> None:
    found = bars([("a", 5), ("b", 0), ("c", 10)])
    assert [one.height for one in found] == [HEIGHT / 2, 0, HEIGHT]
    assert [one.y for one in found] == [HEIGHT / 2, HEIGHT, 0]
    assert found[0].x >= 0 and found[-1].x + found[-1].width <= WIDTH
