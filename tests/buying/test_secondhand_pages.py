"""Second-hand in a browser: sell, look for, buy, meet, send, report."""

import io
import re
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.core.worker import drain
from app.operate.moderation.models import Report
from app.store.secondhand.models import Article
from tests import make
from tests.pages import Browser, signed_in, with_second_factor

SAID = {
    "title": "旧自行车",
    "price": "200",
    "condition": "worn",
    "province": "浙江",
    "city": "杭州",
    "district": "西湖",
}


def lists(browser: Browser, **said: object) -> str:
    """Fills the form in; answers the page of the article."""
    told = {**SAID, "way": "meet", **said}
    answer = browser.open("/second-hand/new").send("/second-hand", **told).answer
    assert answer.status_code == 303, browser.text
    return str(answer.headers["Location"])


def buys(app: Flask, page: str, **address: str) -> Browser:
    """A guest who presses the button, pays, and stands at his purchase."""
    browser = Browser(app).open(page).send("/checkout").follow()
    return browser.send(**address).follow().send(outcome="paid").follow()


def order_page(browser: Browser) -> str:
    found = re.search(r'href="(/orders/[0-9a-f-]{36})"', browser.text)
    assert found
    return found[1]


def test_a_bicycle_is_sold_by_meeting(app: Flask) -> None:
    seller = signed_in(app, make.person("小满"))
    photo = (io.BytesIO(make.picture_file()), "bike.jpg")
    page = lists(seller, description="骑了两年，铃铛响", pictures=photo)
    seen = Browser(app).open(page)
    for words in ("旧自行车", "¥200.00", "明显使用痕迹", "当面交易", "杭州 西湖", "小满", "铃铛响", "图 1", "出售中"):
        assert words in seen.text
    guest = Browser(app).open(page).send("/checkout").follow()
    assert "收货地址" not in guest.text, "nothing is sent"
    guest.send().follow().send(outcome="paid").follow()
    code = re.search(r"<code>(\d{4} \d{4})</code>", guest.open(order_page(guest)).text)
    assert code
    seller.open(page).send("/handover", code="12345678")
    assert (seller.status, "没有等待自提的订单使用此码" in seller.text) == (422, True)
    seller.open(page).send("/handover", code=code[1]).follow()
    assert "买家已收货" in seller.text
    drain()
    assert "已售出" in seller.open("/me/second-hand").text
    assert "旧自行车" not in Browser(app).open("/second-hand").text
    assert "已收货" in guest.open(order_page(guest.open("/me/orders"))).text


def test_a_book_is_sold_by_parcel(app: Flask) -> None:
    seller = signed_in(app, make.person())
    page = lists(seller, title="红楼梦", way="parcel")
    guest = buys(app, page, **make.ADDRESS)
    assert make.ADDRESS["street"] in seller.open(page).text
    seller.send("/parcel", carrier="sf", number="?")
    assert (seller.status, "运单号格式不对" in seller.text) == (422, True)
    seller.open(page).send("/parcel", carrier="sandbox", number="SB100").follow()
    assert "已寄出" in seller.text
    guest.open(order_page(guest)).send("/receipt").follow()
    assert "买家已收货" in seller.open(page).text


def test_what_is_wrong_is_said_in_the_form_as_it_was_filled_in(app: Flask) -> None:
    seller = signed_in(app, make.person()).open("/second-hand/new")
    seller.send("/second-hand", **{**SAID, "title": "气枪一把", "way": "meet"})
    assert (seller.status, "不能出售：气枪" in seller.text, 'value="气枪一把"' in seller.text) == (422, True, True)
    seller.open("/second-hand/new").send("/second-hand", **{**SAID, "way": "meet", "price": "60000"})
    assert (seller.status, "最高 50000 元" in seller.text) == (422, True)
    assert db.session.scalar(select(func.count()).select_from(Article)) == 0


def test_a_form_sent_twice_lists_once_and_it_is_changed_taken_off_and_put_up_again(app: Flask) -> None:
    seller = signed_in(app, make.person()).open("/second-hand/new")
    form = next(one for one in seller.forms if one.action == "/second-hand")
    assert [seller.post(form.action, **{**form.fields, **SAID}).status for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1
    page = f"/second-hand/{db.session.scalars(select(Article.id)).one()}"
    assert 'value="200.00"' in seller.open(f"{page}/edit").text
    seller.send(page, title="公路车", price="188.8").follow()
    assert "公路车" in seller.text
    assert "¥188.80" in seller.text
    seller.send("/withdrawal").follow()
    assert "已下架" in seller.text
    assert Browser(app).open(page).status == 404
    seller.send("/relisting").follow()
    assert Browser(app).open(page).status == 200


def test_articles_are_looked_for_and_the_search_goes_on_to_the_next_page(app: Flask) -> None:
    for number in range(3):
        seller = signed_in(app, make.person())
        for each in range(8):
            lists(seller, title=f"自行车 {number}{each}")
    found: list[str] = []
    browser = Browser(app).open("/second-hand?q=自行车&city=杭州市&condition=&way=")
    while True:
        found += re.findall(r"自行车 \d\d</a>", browser.text)
        following = re.search(r'rel="next" href="([^"]+)"', browser.text)
        if following is None:
            break
        browser.open(f"/second-hand{following[1].replace('&amp;', '&')}")
    assert (len(found), len(set(found))) == (24, 24)
    assert "这里还没有闲置" in browser.open("/second-hand?city=上海").text
    assert browser.open("/second-hand?way=drone").status == 422


def test_a_report_reaches_the_moderators_and_a_take_down_the_buyers(app: Flask) -> None:
    page = lists(signed_in(app, make.person("卖家")))
    reporter = signed_in(app, make.person()).open(page)
    assert [reporter.open(page).send("/reports", reason="假货").status for _ in range(2)] == [303, 303]
    assert "审核人员会尽快处理" in reporter.follow().text
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    desk = moderator.open(f"/admin/queue/article/{UUID(page[-36:])}")
    for words in ("旧自行车", "假货", "卖家"):
        assert words in desk.text
    desk.send("/takedown", reason="假货")
    assert desk.status == 303
    assert Browser(app).open(page).status == 404


def test_moderators_keep_the_list_of_words(app: Flask) -> None:
    page = lists(signed_in(app, make.person()), title="安全座椅")
    desk, _ = with_second_factor(app, make.person(roles=("moderator",)))
    desk.open("/admin/prohibited-words").send("/prohibited-words", word="座椅").follow()
    assert "座椅" in desk.text
    drain()
    assert Browser(app).open(page).status == 404
    desk.send("/prohibited-words", word="椅")
    assert (desk.status, "至少两个字" in desk.text) == (422, True)
    desk.open("/admin/prohibited-words").send("/removal").follow()
    assert "还没有添加过" in desk.text
