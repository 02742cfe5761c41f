"""The buy form on the pages of goods: pressed once, twice, or in vain; and the way back to what it began."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.buying.checkout import queries as checkouts_of
from app.buying.checkout.models import Checkout, CheckoutLine
from app.core import clock
from app.core.db import changed, db, in_transaction
from app.core.ids import new_id
from app.core.plain import rows
from app.store.catalogue.actions import change_product, take_down
from app.store.inventory.actions import set_stock
from app.store.inventory.queries import available
from app.store.variants.models import SkuWanted
from tests import make
from tests.make import ADDRESS
from tests.pages import Browser, signed_in
from tests.statements import statements
from tests.store.racing import together


def checkouts() -> int:
    return db.session.scalar(select(func.count()).select_from(Checkout)) or 0


def alert(browser: Browser) -> str:
    """What the page says is wrong with the form."""
    found = re.search(r'role="alert"[^>]*>([^<]*)<', browser.text)
    assert found, browser.text
    return found[1]


@pytest.mark.parametrize("by_link", [True, False])
def test_who_holds_the_last_piece_is_led_back_to_his_checkout(app: Flask, by_link: bool) -> None:
    goods = make.product(stock=1)
    path = f"/l/{make.link(goods).code}" if by_link else f"/goods/{goods.id}"
    browser = Browser(app).open(path).send("/checkout").follow()
    checkout_id, until = db.session.execute(select(Checkout.id, Checkout.expires_at)).one()
    text = browser.open(path).text
    assert "已售罄" in text
    assert re.search(rf"为你保留到 <time[^>]*>{clock.in_china(until)[-5:]}</time>", text)
    assert f'href="/checkout/{checkout_id}">继续结算</a>' in text
    assert "继续结算" not in Browser(app).open(path).text


def test_what_a_guest_holds_is_shown_to_who_he_became_and_to_nobody_else(app: Flask) -> None:
    goods, person = make.product(stock=1), make.person()
    browser = Browser(app).open(f"/goods/{goods.id}").send("/checkout")
    browser.open("/sign-in").send("/sign-in", username=person.username, password=person.password)
    assert "继续结算" in browser.open(f"/goods/{goods.id}").text
    assert "继续结算" not in signed_in(app, person).open(f"/goods/{goods.id}").text
    assert "继续结算" not in browser.open(f"/goods/{make.product().id}").text


def test_the_newest_of_several_checkouts_is_the_one_to_go_on_with(app: Flask) -> None:
    goods = make.product(stock=9)
    browser = Browser(app)
    paths = [browser.open(f"/goods/{goods.id}").send("/checkout").answer.headers["Location"] for _ in range(2)]
    assert re.findall(r'href="(/checkout/[^"]+)"', browser.open(f"/goods/{goods.id}").text) == paths[1:]


def test_goods_that_are_ordered_and_not_paid_lead_to_the_order(app: Flask) -> None:
    goods = make.product(stock=1)
    browser = Browser(app, "en").open(f"/goods/{goods.id}").send("/checkout").follow().send(**ADDRESS)
    text = browser.open(f"/goods/{goods.id}").text
    assert re.search(r"Waiting for payment, held until <time[^>]*>\d\d:\d\d \(UTC\+8\)</time>", text)
    browser.open(re.findall(r'href="(/purchases/[^"]+)"', text)[0]).send("/payments").follow().send(outcome="paid")
    assert "Waiting for payment" not in browser.open(f"/goods/{goods.id}").text


def test_a_checkout_that_ended_leads_nowhere(app: Flask) -> None:
    goods = make.product(stock=1)
    browser = Browser(app).open(f"/goods/{goods.id}").send("/checkout")
    with clock.moved(seconds=601):
        assert "继续结算" not in browser.open(f"/goods/{goods.id}").text


def test_looking_for_it_costs_one_question_and_none_of_who_has_no_cookie(app: Flask) -> None:
    path = f"/goods/{make.product().id}"
    browser = Browser(app)

    def asked() -> list[str]:
        with statements() as found:
            browser.open(path)
        return [one for one in found if "checkout_checkouts" in one]

    assert [len(asked()) for _ in range(3)] == [0, 1, 1]


def test_a_form_sent_twice_leads_to_one_checkout(app: Flask) -> None:
    goods = make.product(stock=5)
    browser = Browser(app).open(f"/goods/{goods.id}")
    shown, paths = browser.answer, set()
    for _ in range(3):
        browser.answer = shown
        paths.add(browser.send("/checkout", quantity="2").answer.headers["Location"])
    assert (len(paths), checkouts(), available([goods.sku_id])) == (1, 1, {goods.sku_id: 3})


def test_a_form_that_arrives_twice_at_the_same_moment_leads_to_one_checkout(app: Flask) -> None:
    goods = make.product(stock=8)
    browser = Browser(app).open(f"/l/{make.link(goods).code}")
    form = browser.forms[0]
    cookie = browser.client.get_cookie("guest")
    assert cookie is not None

    def press() -> str:
        client = app.test_client()
        client.set_cookie("guest", cookie.value)
        answer = client.post(form.action, data=form.fields)
        return answer.headers.get("Location", answer.text)

    found = together(app, *[press] * 4)
    assert found == [f"/checkout/{form.fields['id']}"] * 4
    assert (checkouts(), available([goods.sku_id])) == (1, {goods.sku_id: 7})


def test_a_form_that_was_changed_before_it_was_sent_again_is_another_wish(app: Flask) -> None:
    goods = make.product(stock=5)
    browser = Browser(app).open(f"/goods/{goods.id}")
    shown = browser.answer
    browser.send("/checkout")
    places = []
    for _ in range(2):
        browser.answer = shown
        places.append(browser.send("/checkout", quantity="3").answer.headers["Location"])
    assert places[0] == places[1]
    assert "× 3" in browser.follow().text
    quantities = select(CheckoutLine.quantity).order_by(CheckoutLine.quantity)
    assert db.session.scalars(quantities).all() == [1, 3]


def test_a_form_with_the_id_of_anothers_checkout_opens_nothing_and_tells_nothing(app: Flask) -> None:
    goods = make.product(stock=5)
    first = Browser(app).open(f"/goods/{goods.id}")
    taken = first.forms[0].fields["id"]
    first.send("/checkout")
    browser = Browser(app).open(f"/goods/{goods.id}").send("/checkout", id=taken)
    assert (browser.status, "页面已过期" in browser.text) == (409, True)
    assert taken not in browser.text
    assert browser.open(f"/checkout/{taken}").status == 404
    assert (checkouts(), available([goods.sku_id])) == (1, {goods.sku_id: 4})


@pytest.mark.parametrize(("language", "sentence"), [("zh-CN", "只剩 3 件"), ("en", "Only 3 left.")])
def test_more_than_there_is_is_said_at_the_form_and_the_number_kept(app: Flask, language: str, sentence: str) -> None:
    goods = make.product(stock=3)
    link = make.link(goods)
    for before, path in enumerate((f"/l/{link.code}", f"/goods/{goods.id}")):
        browser = Browser(app, language).open(path)
        assert 'max="3" value="1"' in browser.text
        browser.send("/checkout", quantity="5")
        assert (browser.status, alert(browser)) == (409, sentence)
        assert 'max="3" value="5"' in browser.text
        assert checkouts() == before, "a refusal leaves nothing behind"
        assert str(goods.sku_id) not in re.sub(r"<[^>]*>", "", browser.text)
        assert browser.send("/checkout", quantity="3").status == 303
        in_transaction(lambda: set_stock(goods.sku_id, 3))


def test_no_more_than_99_are_offered_of_goods_in_plenty(app: Flask) -> None:
    assert 'max="99" value="1"' in Browser(app).open(f"/goods/{make.product(stock=500).id}").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"quantity": "0"}, "数量请填 1 到 99 的整数"),
        ({"quantity": '"><b>'}, "数量请填 1 到 99 的整数"),
        ({"quantity": "100"}, "数量请填 1 到 99 的整数"),
        ({"sku_id": "x"}, "请选择一个规格"),
        ({"sku_id": str(new_id())}, "请选择一个规格"),
        ({"id": "x"}, "页面已过期，请再按一次"),
    ],
)
def test_what_is_wrong_with_a_buy_form_is_said_in_a_sentence(app: Flask, change: dict[str, Any], sentence: str) -> None:
    browser = Browser(app).open(f"/l/{make.link(make.product()).code}").send("/checkout", **change)
    assert (browser.status, browser.answer.mimetype, alert(browser)) == (422, "text/html", sentence)
    assert "<b>" not in browser.text
    assert browser.send("/checkout", quantity="1").status == 303, "the form that is shown again is a good one"


def test_who_comes_too_late_reads_that_it_has_just_sold_out(app: Flask) -> None:
    goods = make.product(skus=[SkuWanted(price=100, stock=1, name="红"), SkuWanted(price=200, stock=3, name="蓝")])
    browser = Browser(app).open(f"/goods/{goods.id}")
    in_transaction(lambda: set_stock(goods.sku_ids[0], 0))
    browser.send("/checkout")
    assert (browser.status, alert(browser)) == (409, "刚刚卖完了")
    assert re.findall(r'value="([^"]+)" required checked', browser.text) == [str(goods.sku_ids[1])]
    in_transaction(lambda: set_stock(goods.sku_ids[1], 0))
    browser.send("/checkout")
    assert (browser.status, alert(browser)) == (409, "刚刚卖完了")
    assert "已售罄" in browser.text


def test_goods_that_went_off_or_were_taken_down_meanwhile_say_so(app: Flask) -> None:
    goods = make.product()
    link = make.link(goods)
    browser = Browser(app).open(f"/l/{link.code}")
    shown = browser.answer
    in_transaction(lambda: change_product(make.as_staff(goods.shop), goods.id, state="off"))
    browser.send("/checkout")
    assert (browser.status, alert(browser)) == (409, "商品已下架")
    in_transaction(lambda: take_down(goods.id, "假货", goods.shop.owner.id))
    browser.answer = shown
    browser.send("/checkout")
    assert (browser.status, "链接已失效" in browser.text, goods.title in browser.text) == (404, True, False)


def test_a_page_that_was_open_for_days_is_shown_anew(app: Flask) -> None:
    browser = Browser(app).open(f"/goods/{make.product().id}")
    old = "0190" + browser.forms[0].fields["id"][4:]
    browser.send("/checkout", id=old)
    assert (browser.status, alert(browser)) == (422, "页面已过期，请再按一次")
    assert browser.send("/checkout").status == 303


def test_a_form_sent_again_after_its_goods_went_off_still_leads_to_its_checkout(app: Flask) -> None:
    goods = make.product()
    browser = Browser(app).open(f"/goods/{goods.id}")
    shown, path = browser.answer, browser.send("/checkout").answer.headers["Location"]
    in_transaction(lambda: change_product(make.as_staff(goods.shop), goods.id, state="off"))
    browser.answer = shown
    assert browser.send("/checkout").answer.headers["Location"] == path


def test_a_buyer_has_no_more_than_five_checkouts_by_forms_too(app: Flask) -> None:
    goods = make.product(stock=9)
    browser = Browser(app)
    for _ in range(6):
        browser.open(f"/goods/{goods.id}").send("/checkout")
    states = select(Checkout.state, func.count()).group_by(Checkout.state)
    assert dict(db.session.execute(states).all()) == {"open": 5, "released": 1}
    assert available([goods.sku_id]) == {goods.sku_id: 4}
    in_transaction(lambda: changed(update(Checkout).values(state="released")))


def test_what_waits_is_looked_for_among_the_buyers_own_things_however_many_bought_the_goods(app: Flask) -> None:
    who = {"kinds": ["guest"], "ids": "{" + new_id().hex + "}", "product": new_id(), "ahead": timedelta()}
    plan = "\n".join(row[0] for row in rows(f"EXPLAIN {checkouts_of.WAITING.sql}", who))
    assert "Join" not in plan and "Nested Loop" not in plan, plan
    assert plan.count("SubPlan") >= 2
