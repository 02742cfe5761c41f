"""The figures of posts in the portal: exact, and each the sum of the rows that are shown behind it."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.buying.links.actions import record_click
from app.buying.links.queries import link_or_missing
from app.community.posts import actions as posts
from app.core import clock, counters, money
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.discover.recommendations.actions import Shown, take_in
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import CANCEL, Move
from app.store.orders.models import AdjustmentToPlace, LineToPlace, OrderLine
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from tests import make
from tests.make import order as bought
from tests.pages import Browser, signed_in
from tests.portal import at_portal, buy_by_link, buy_without_link, figures, lines, totals

Asked = Callable[[], AbstractContextManager[list[str]]]


def pay(purchase: bought.MadePurchase) -> None:
    begun = bought.payment(purchase)
    kept = in_transaction(lambda: payments.play_outcome(payment_now(begun.id), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))


def sold(post_id: UUID, price: int = 9900, quantity: int = 1, **named: object) -> LineToPlace:
    """A line that a post brought."""
    return bought.line(bought.sku(), price, quantity, post_id=post_id, link_id=new_id(), promoter_id=new_id(), **named)


def refund(post_id: UUID, units: int, amount: int) -> None:
    """So many units of the one line that a post brought go back, and so much money."""
    line = db.session.scalars(select(OrderLine).where(OrderLine.post_id == post_id)).one()
    back = [Move(line.id, CANCEL, units, amount)]
    in_transaction(lambda: move_lines(line.order_id, back, ("system", None), "test"))


def test_the_revenue_of_two_posts_that_tag_one_sku_is_exact(app: Flask) -> None:
    first, second = make.person(roles=("kol",)), make.person(roles=("kol",))
    cup = make.product(price=9900, stock=50)
    one, two = make.post(first, [cup]), make.post(second, [cup])
    buy_by_link(app, one.codes[0], quantity=2)
    buy_by_link(app, two.codes[0])
    buy_without_link(app, cup)
    buy_by_link(app, one.codes[0], quantity=5, outcome="")
    buy_by_link(app, one.codes[0], quantity=3, outcome="failed")
    mine, theirs = at_portal(app, first), at_portal(app, second)
    assert figures(mine, one.id) == {"views": 0, "clicks": 3, "orders": 1, "revenue": 19800}
    assert figures(theirs, two.id) == {"views": 0, "clicks": 1, "orders": 1, "revenue": 9900}
    assert figures(mine, two.id) == {}
    assert totals(mine) == figures(mine, one.id)
    assert ">¥198.00</a>" in mine.text


def test_each_figure_is_the_sum_of_the_rows_behind_it(app: Flask) -> None:
    kol = make.person()
    cup, pot = make.product(price=12_345), make.product(price=100_050)
    post = make.post(kol, [cup, pot])
    buy_by_link(app, post.codes[0], quantity=2)
    buy_by_link(app, post.codes[1])
    buy_by_link(app, post.codes[1], outcome="")
    looker = Browser(app)
    for _ in range(3):
        looker.open(f"/l/{post.codes[1]}")
        looker.open(f"/p/{post.id}")
    in_transaction(lambda: counters.add(post.id, "views", 7))
    page = at_portal(app, kol, f"/portal/posts/{post.id}")
    told = figures(page, post.id)
    rows = lines(page)
    assert told == {"views": 8, "clicks": 4, "orders": 2, "revenue": 124_740}
    assert sum(revenue for *_, revenue in rows) == told["revenue"]
    assert len({order for order, status, _ in rows if status == "paid"}) == told["orders"]
    assert sorted(status for _, status, _ in rows) == ["paid", "paid", "unpaid"]
    by_link = dict(re.findall(r'data-link="(\w+)" data-value="(\d+)"', page.text))
    assert by_link == {post.codes[0]: "1", post.codes[1]: "3"}
    assert "¥1,247.40" in page.text
    clicks = page.open(f"/portal/posts/{post.id}/clicks").text
    assert sorted(re.findall(r'data-click="\d+" data-link="(\w+)"', clicks)) == sorted(
        [post.codes[0], *post.codes[1:] * 3]
    )
    views = page.open(f"/portal/posts/{post.id}/views").text
    assert (views.count("data-view="), "其中 7 次没有明细" in views) == (1, True)


def test_each_view_and_each_click_of_several_pages_is_there_once(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol, [make.product()])
    link = link_or_missing(post.codes[0])
    guests = [Caller(guest_id=new_id()) for _ in range(70)]
    for guest in guests:
        in_transaction(partial(record_click, link, guest.ref))
        in_transaction(partial(take_in, guest, [Shown(post.id, "explore", 1, 2000, clock.now())]))
    page = at_portal(app, kol, f"/portal/posts/{post.id}")
    told = figures(page, post.id)
    for metric, mark in (("views", "view"), ("clicks", "click")):
        found = rows_of(page.open(f"/portal/posts/{post.id}/{metric}"), mark)
        assert len(found) == len(set(found)) == told[metric] == 70
        assert "没有明细" not in page.text


def rows_of(page: Browser, mark: str) -> list[str]:
    """The ids of the rows on all pages of a list."""
    found = re.findall(rf'data-{mark}="(\d+)"', page.text)
    following = re.search(r'rel="next" href="(\?cursor=[^"]+)"', page.text)
    return found + rows_of(page.open(page.path.partition("?")[0] + following[1]), mark) if following else found


def test_rows_over_several_pages_add_up_too(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol)
    shop = new_id()
    pay(bought.purchase([sold(post.id, price=100 + place, shop_id=shop) for place in range(120)]))
    page = at_portal(app, kol, f"/portal/posts/{post.id}")
    told = figures(page, post.id)
    rows = lines(page)
    assert len(rows) == 120
    assert sum(revenue for *_, revenue in rows) == told["revenue"] == sum(100 + place for place in range(120))
    assert told["orders"] == 1


@pytest.mark.parametrize(
    ("price", "quantity", "off", "refunded"),
    [
        (9900, 3, 0, 1),
        (3333, 3, 100, 1),
        (3333, 3, 100, 2),
        (101, 2, 100, 1),
        (5, 2, 3, 2),
        (1, 7, 0, 3),
        (99, 1, 99, 1),
    ],
)
def test_what_was_refunded_is_taken_off_to_the_last_fen(
    app: Flask, price: int, quantity: int, off: int, refunded: int
) -> None:
    kol = make.person()
    post = make.post(kol)
    offers = [AdjustmentToPlace(-off, "C1")] if off else []
    pay(bought.purchase([sold(post.id, price, quantity, adjustments=offers), sold(new_id())]))
    total = price * quantity - off
    assert figures(at_portal(app, kol), post.id)["revenue"] == total
    back, kept = money.split(total, [refunded, quantity - refunded])
    refund(post.id, refunded, back)
    page = at_portal(app, kol, f"/portal/posts/{post.id}")
    assert figures(page, post.id)["revenue"] == kept
    assert [revenue for *_, revenue in lines(page)] == [kept]


def test_an_own_purchase_is_marked(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol)
    pay(bought.purchase([sold(post.id, own_purchase=True)]))
    assert "自己购买" in at_portal(app, kol, f"/portal/posts/{post.id}").text


def test_own_purchases_are_in_the_sums_and_the_page_says_so(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol)
    pay(bought.purchase([sold(post.id, price=9900, own_purchase=True)]))
    pay(bought.purchase([sold(post.id, price=100)]))
    said = {"/portal/posts": "自己购买的也计入", f"/portal/posts/{post.id}": "自己购买的也计入订单和成交额"}
    for path, words in said.items():
        page = at_portal(app, kol, path)
        assert words in page.text
        assert figures(page, post.id) == {"views": 0, "clicks": 0, "orders": 2, "revenue": 10_000}
    assert totals(at_portal(app, kol)) == {"views": 0, "clicks": 0, "orders": 2, "revenue": 10_000}
    assert sum(value for *_, value in lines(page)) == 10_000


def test_nothing_of_the_buyer_is_shown(app: Flask) -> None:
    kol, cup = make.person(), make.product()
    post = make.post(kol, [cup])
    buy_by_link(app, post.codes[0])
    page = at_portal(app, kol, f"/portal/posts/{post.id}")
    assert len(lines(page)) == 1
    for private in (make.ADDRESS["name"], make.ADDRESS["street"], make.ADDRESS["phone"], make.ADDRESS["city"]):
        assert private not in page.text


def test_the_chart_shows_the_day_of_payment_in_china(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol)
    pay(bought.purchase([sold(post.id, price=4200)]))
    moved = text("UPDATE orders_purchases SET paid_at = :at")
    day = clock.china_days(3)[0]
    late = clock.day_began(day) + (clock.day_began(clock.china_days(2)[0]) - clock.day_began(day)) * 0.99
    in_transaction(lambda: db.session.execute(moved, {"at": late}))
    page = at_portal(app, kol)
    assert f'<th scope="row">{day:%m-%d}</th><td class="text-end">¥42.00</td>' in page.text
    assert page.text.count("¥42.00</td>") == 1


def test_posts_are_listed_with_their_state_and_deleted_ones_are_gone(app: Flask) -> None:
    kol, moderator = make.person(), make.person()
    by = Caller(person_id=kol.id)
    named = {name: make.post(kol, title=name) for name in ("公开的", "下架的", "删掉的", "审核的", "收起的")}
    make.post(kol, title="草稿的", visibility="private")
    in_transaction(lambda: posts.take_down(named["下架的"].id, "广告太多", moderator.id))
    in_transaction(lambda: posts.delete_post(by, named["删掉的"].id))
    in_transaction(lambda: posts.hold(named["审核的"].id, "再看看"))
    in_transaction(lambda: posts.edit_post(by, named["收起的"].id, {"visibility": "private"}))
    text_ = at_portal(app, kol).text
    found = re.findall(r'href="/portal/posts/[0-9a-f-]+">([^<]+)</a>\s*<div class="quiet"><span[^>]*>([^<]+)', text_)
    assert found == [
        ("草稿的", "草稿 · 仅自己可见"),
        ("收起的", "仅自己可见"),
        ("审核的", "审核中"),
        ("下架的", "已下架"),
        ("公开的", "公开"),
    ]
    assert "下架原因: 广告太多" in text_


def test_what_a_deleted_post_brought_is_not_in_the_totals(app: Flask) -> None:
    kol = make.person()
    kept, gone = make.post(kol), make.post(kol)
    pay(bought.purchase([sold(kept.id, 100), sold(gone.id, 1000)]))
    assert totals(at_portal(app, kol))["revenue"] == 1100
    in_transaction(lambda: posts.delete_post(Caller(person_id=kol.id), gone.id))
    assert totals(at_portal(app, kol))["revenue"] == 100


def test_the_list_goes_on_page_by_page(app: Flask) -> None:
    kol = make.person()
    made = [make.post(kol).id for _ in range(23)]
    page = at_portal(app, kol)
    seen = [one for one in made if figures(page, one)]
    following = re.search(r'rel="next" href="(\?cursor=[^"]+)"', page.text)
    assert seen == made[3:]
    assert following is not None
    page.open("/portal/posts" + following[1])
    assert [one for one in made if figures(page, one)] == made[:3]


def test_who_reads_english_reads_english(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol, title="A cup")
    page = signed_in(app, kol, f"/portal/posts/{post.id}", "en").follow()
    shown = re.sub(r"<[^>]*>|中文", "", page.text.split("<main")[1])
    assert "Link clicks" in shown
    assert re.findall(r"[\u4e00-\u9fff]+", shown) == []


def test_many_rows_cost_no_more_questions(app: Flask, asked: Asked) -> None:
    kol, cup = make.person(), make.product(stock=1000)
    few = make.post(kol, [cup])
    pay(bought.purchase([sold(few.id)]))
    page = at_portal(app, kol)
    with asked() as for_one:
        page.open("/portal/posts")
    many = [make.post(kol, [cup, make.product()], uploads=[make.upload(kol)]) for _ in range(19)]
    pay(bought.purchase([sold(one.id) for one in many] + [sold(few.id) for _ in range(60)]))
    with asked() as for_many:
        assert page.open("/portal/posts").status == 200
    with asked() as of_post:
        assert page.open(f"/portal/posts/{few.id}").status == 200
    assert len(for_many) <= len(for_one) + 1  # pictures
    assert max(len(for_many), len(of_post)) < 25
