"""The pages of a guest without an app: from the buy button to the paid order, by forms and a cookie."""

import re
from datetime import timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.buying.checkout.models import Checkout
from app.core import clock
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue import actions as catalogue
from app.store.inventory.queries import available
from app.store.orders.models import Order, OrderLine, Purchase
from tests import make
from tests.make import ADDRESS
from tests.pages import Browser, signed_in
from tests.statements import statements


def at_checkout(app: Flask, language: str = "zh-CN", **goods: Any) -> tuple[Browser, make.MadeProduct]:
    """A guest who pressed the buy button of a link's page and sees the checkout."""
    cup = make.product(**goods)
    browser = Browser(app, language).open(f"/l/{make.link(cup).code}")
    return browser.send("/checkout").follow(), cup


def test_a_guest_buys_from_the_link_to_the_paid_order(app: Flask) -> None:
    cup, kol = make.product(price=9900, stock=3), make.person()
    link = make.link(cup, kol, post_id=new_id())
    browser = Browser(app).open(f"/l/{link.code}").send("/checkout", quantity="2")
    assert re.fullmatch(r"/checkout/[0-9a-f-]{36}", browser.answer.headers["Location"])
    browser.follow()
    assert cup.title in browser.text
    assert "¥198.00" in browser.text
    assert available([cup.sku_id]) == {cup.sku_id: 1}
    browser.send(**ADDRESS, note="放门口")
    browser.follow()
    browser.send("", outcome="paid").follow()
    assert re.fullmatch(r"/purchases/[0-9a-f-]{36}", browser.path)
    assert "已支付" in browser.text
    assert "去支付" not in browser.text
    bought = db.session.execute(select(Purchase.status, Purchase.total, Purchase.buyer_id, Purchase.note)).one()
    assert tuple(bought) == ("paid", 19800, browser.guest.id, "放门口")
    line = db.session.execute(select(OrderLine.link_id, OrderLine.promoter_id, OrderLine.quantity)).one()
    assert tuple(line) == (link.id, kol.id, 2)


def test_what_a_guest_opened_is_owed_when_he_signs_in_and_buys_the_goods_by_themselves(app: Flask) -> None:
    cup, kol, buyer = make.product(), make.person(), make.person()
    link = make.link(cup, kol, post_id=new_id())
    browser = Browser(app).open(f"/l/{link.code}").open(f"/sign-in?next=/goods/{cup.id}")
    browser.send("/sign-in", username=buyer.username, password=buyer.password).follow()
    browser.send("/checkout").follow().send(**ADDRESS).follow()
    assert db.session.scalars(select(Purchase.buyer_id)).one() == buyer.id
    assert db.session.scalars(select(OrderLine.promoter_id)).one() == kol.id


@pytest.mark.parametrize(("language", "due", "paid"), [("zh-CN", "应付", "实付"), ("en", "To pay", "Paid")])
def test_an_order_says_what_is_to_pay_and_then_what_was_paid(app: Flask, language: str, due: str, paid: str) -> None:
    def labels(text: str) -> list[str]:
        return re.findall(r'<p>([^<]*) <span class="price">¥99.00</span>', text)

    browser, _ = at_checkout(app, language, price=9900)
    browser.send(**ADDRESS).follow()
    purchase_id = db.session.scalars(select(Purchase.id)).one()
    assert labels(browser.open(f"/purchases/{purchase_id}").text) == [due]
    browser.send("/payments").follow().send("", outcome="paid").follow()
    assert labels(browser.text) == [paid]


def test_a_click_on_the_page_counts_for_the_same_guest_later(app: Flask) -> None:
    cup = make.product()
    first, second = make.link(cup), make.link(cup)
    browser = Browser(app).open(f"/l/{second.code}").open(f"/l/{first.code}")
    browser.send("/checkout").follow().send(**ADDRESS)
    assert db.session.scalars(select(OrderLine.link_id)).all() == [first.id]


def test_a_failed_payment_can_be_tried_again_and_an_unpaid_order_cancelled(app: Flask) -> None:
    browser, cup = at_checkout(app, language="en", stock=1)
    browser.send(**ADDRESS).follow().send("", outcome="failed").follow()
    assert "Waiting for payment." in browser.text
    assert "The last payment failed and nothing was charged" in browser.text
    browser.send("/payments").follow()
    assert "Sandbox payment" in browser.text
    purchase_id = db.session.scalars(select(Purchase.id)).one()
    assert "failed" not in browser.open(f"/purchases/{purchase_id}").text, "another try is under way"
    browser.send("/cancellation").follow()
    assert "Cancelled." in browser.text
    assert "Pay now" not in browser.text
    assert available([cup.sku_id]) == {cup.sku_id: 1}


def test_a_dead_address_is_shown_again_with_what_was_typed_and_what_is_wrong(app: Flask) -> None:
    browser, _ = at_checkout(app)
    browser.send(**{**ADDRESS, "phone": "打给我", "street": ""})
    assert browser.status == 422
    marked = 'type="tel" value="打给我" autocomplete="tel" maxlength="20" required aria-invalid="true"'
    assert f'{marked} aria-describedby="phone-fault"' in browser.text
    assert '<div class="invalid-feedback" id="phone-fault">5 到 20 位数字，可含 + - 和空格</div>' in browser.text
    assert 'id="street-fault">不能为空白</div>' in browser.text
    assert 'value="林小满"' in browser.text
    assert db.session.scalar(select(func.count()).select_from(Purchase)) == 0
    assert browser.send(**ADDRESS).status == 303
    assert db.session.scalars(select(Purchase.address)).one() == ADDRESS


def test_a_price_that_changed_is_said_and_nothing_is_bought(app: Flask) -> None:
    browser, cup = at_checkout(app, price=9900)
    in_transaction(lambda: catalogue.change_sku(make.as_staff(cup.shop), cup.sku_id, price=8800))
    browser.send(**ADDRESS)
    assert (browser.status, browser.answer.mimetype) == (409, "text/html")
    assert "金额已变化" in browser.text
    assert f'value="{ADDRESS["street"]}"' in browser.text, "what was typed stays"
    assert db.session.scalars(select(Checkout.state)).one() == "open"
    assert db.session.scalar(select(func.count()).select_from(Purchase)) == 0
    assert "提交订单 · ¥88.00" in browser.text
    assert browser.send().status == 303
    assert db.session.scalars(select(Purchase.total)).one() == 8800


def test_goods_that_went_off_sale_meanwhile_are_said_on_the_form(app: Flask) -> None:
    browser, cup = at_checkout(app)
    in_transaction(lambda: catalogue.change_product(make.as_staff(cup.shop), cup.id, state="off"))
    browser.send(**ADDRESS)
    assert browser.status == 409
    assert "商品已下架" in browser.text
    assert db.session.scalars(select(Checkout.state)).one() == "open"


def test_an_order_shows_the_number_that_its_shop_sees(app: Flask) -> None:
    browser, _ = at_checkout(app)
    browser.send(**ADDRESS)
    order_id, purchase_id = db.session.execute(select(Order.id, Order.purchase_id)).one()
    text = browser.open(f"/purchases/{purchase_id}").text
    assert f'订单号 <code title="{order_id}">{str(order_id)[-8:]}</code>' in text
    assert f"<small>下单编号 {purchase_id}</small>" in text
    assert re.search(r"<h1>订单</h1>", text)
    assert 'href="/me/orders">← 我的订单</a>' in text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_deadlines_are_said_in_the_time_of_china(app: Flask, language: str) -> None:
    browser, _ = at_checkout(app, language)
    expires = db.session.scalars(select(Checkout.expires_at)).one()
    shown = f"{expires.astimezone(timezone(timedelta(hours=8))):%Y-%m-%d %H:%M}"
    zone = " (UTC+8)" if language == "en" else ""
    assert f'<time datetime="{clock.iso(expires)}">{shown}{zone}</time>' in browser.text
    browser.send(**ADDRESS).follow()
    purchase_id, pay_by = db.session.execute(select(Purchase.id, Purchase.pay_by)).one()
    assert f'<time datetime="{clock.iso(pay_by)}">' in browser.open(f"/purchases/{purchase_id}").text
    assert "UTC" not in browser.text.replace("(UTC+8)", "")


def test_what_a_guest_began_stays_within_reach_after_signing_in(app: Flask) -> None:
    browser, _ = at_checkout(app)
    checkout_path, person = browser.path, make.person()
    browser.open("/sign-in").send("/sign-in", username=person.username, password=person.password)
    browser.open(checkout_path).send(**ADDRESS).follow()
    browser.send("", outcome="failed").follow()
    assert "等待支付" in browser.text
    browser.send("/payments").follow().send("", outcome="paid").follow()
    assert "已支付" in browser.text
    assert db.session.scalars(select(Purchase.buyer_id)).one() == browser.guest.id


def test_who_signed_in_buys_as_himself_and_another_browser_of_his_sees_it(app: Flask) -> None:
    person, link = make.person(), make.link()
    browser = signed_in(app, person).open(f"/l/{link.code}").send("/checkout").follow()
    browser.send(**ADDRESS)
    purchase = db.session.execute(select(Purchase.id, Purchase.buyer_kind, Purchase.buyer_id)).one()
    assert tuple(purchase)[1:] == ("person", person.id)
    assert signed_in(app, person).open(f"/purchases/{purchase.id}").status == 200
    assert signed_in(app, make.person()).open(f"/purchases/{purchase.id}").status == 404


def test_an_order_sent_twice_leads_to_the_one_purchase(app: Flask) -> None:
    browser, _ = at_checkout(app)
    checkout_path = browser.path
    shown = browser.answer
    browser.send(**ADDRESS)
    browser.answer = shown
    assert browser.send(**ADDRESS).status == 303
    purchase_id = db.session.scalars(select(Purchase.id)).one()
    assert browser.answer.headers["Location"] == f"/purchases/{purchase_id}"
    assert browser.open(checkout_path).answer.headers["Location"] == f"/purchases/{purchase_id}"


def test_an_expired_checkout_says_so_and_has_no_form(app: Flask) -> None:
    browser, _ = at_checkout(app)
    shown = browser.answer
    with clock.moved(seconds=601):
        assert "已过期" in browser.open(browser.path).text
        assert [one.action for one in browser.forms] == ["/language"]
        assert 'href="/l/' in browser.text, "the way back to the goods"
        browser.answer = shown
        assert browser.send(**ADDRESS).status == 409


def test_pages_of_others_are_missing(app: Flask) -> None:
    browser, _ = at_checkout(app)
    checkout_path = browser.path
    browser.send(**ADDRESS)
    purchase_id = db.session.scalars(select(Purchase.id)).one()
    stranger, _ = at_checkout(app)
    for path in (checkout_path, f"/purchases/{purchase_id}"):
        assert Browser(app).open(path).status == 404
    token = stranger.forms[0].fields["form_token"]
    assert stranger.post(checkout_path, form_token=token, expected_total="9900", **ADDRESS).status == 404


def test_a_town_without_a_provider_takes_the_order_and_says_that_it_waits(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "sandbox_payments", False)
    browser, _ = at_checkout(app)
    browser.send(**ADDRESS).follow()
    assert "还没有接入支付渠道" in browser.text
    assert "去支付" not in browser.text


def test_the_pages_of_a_purchase_ask_few_questions(app: Flask) -> None:
    browser, _ = at_checkout(app)
    with statements() as asked:
        browser.open(browser.path)
    assert len(asked) <= 9, asked
    browser.send(**ADDRESS)
    purchase_id = db.session.scalars(select(Purchase.id)).one()
    with statements() as asked:
        assert browser.open(f"/purchases/{purchase_id}").status == 200
    assert len(asked) <= 7, asked
