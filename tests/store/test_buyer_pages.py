"""What a buyer finds beside his orders: codes, vouchers and their times, invoices, his wallet."""

import re
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from app.core.db import db, in_transaction
from app.core.worker import drain
from app.store.codes.actions import add_codes
from app.store.invoices.models import InvoiceRequest
from app.store.vouchers.actions import add_slots, set_terms
from app.store.vouchers.models import Voucher
from app.store.wallets.models import Withdrawal
from tests import make
from tests.pages import Browser, signed_in
from tests.story import Bought, at_checkout


def test_codes_are_found_from_the_order(app: Flask) -> None:
    goods = make.product(goods_kind="virtual", stock=0, title="游戏点卡")
    in_transaction(lambda: add_codes(make.as_staff(goods.shop), goods.sku_id, ["AAA-111", "BBB-222", "CCC-333"]))
    browser = at_checkout(Browser(app), goods, 2)
    browser.send(**make.ADDRESS).follow().send(outcome="paid").follow()
    drain()
    order = re.search(r'href="(/orders/[0-9a-f-]{36})"', browser.text)
    assert order
    way = re.search(r'href="(/codes\?order=[0-9a-f-]{36})"', browser.open(order[1]).text)
    assert way
    text = browser.open(way[1]).text
    assert len(set(re.findall(r"<code>(\w{3}-\d{3})</code>", text))) == 2
    assert "游戏点卡" in browser.open("/codes").text
    assert "游戏点卡" not in signed_in(app, make.person()).open(way[1]).text
    assert browser.open("/codes?order=x").status == 422


def test_a_voucher_is_booked_and_its_booking_given_up(app: Flask) -> None:
    goods = make.product(goods_kind="service", title="下午茶")
    staff = make.as_staff(goods.shop)
    told = {"valid_from": None, "valid_until": None, "days": 30, "weekdays": [], "dates": [], "needs_booking": True}
    in_transaction(lambda: set_terms(staff, goods.sku_id, told))
    soon = datetime.now(UTC) + timedelta(days=2)
    in_transaction(lambda: add_slots(staff, goods.sku_id, [soon], 1))
    browser = at_checkout(Browser(app), goods)
    browser.send(**make.ADDRESS).follow().send(outcome="paid").follow()
    drain()
    assert "去预约" in browser.open("/vouchers").text
    way = re.search(r'href="(/vouchers/[0-9a-f-]{36}/booking)"', browser.text)
    assert way
    slot = re.search(r'name="slot_id" value="([0-9a-f-]{36})"', browser.open(way[1]).text)
    assert slot and "剩 1 位" in browser.text
    browser.send("/booking", slot_id=slot[1]).follow()
    assert "已预约" in browser.text
    assert db.session.scalars(select(Voucher.slot_id)).one() is not None
    browser.open(way[1]).send("/booking", slot_id="").follow()
    assert "需要先预约" in browser.text


def test_an_invoice_is_asked_for_after_the_order_once(app: Flask) -> None:
    bought = Bought(app)
    wanted = {"title": "林小满", "email": "lin@example.com"}
    browser = bought.browser.open(f"{bought.page}/invoice").send("/invoice", **wanted, kind="company")
    assert (browser.status, "统一社会信用代码" in browser.text) == (422, True)
    form = next(one for one in browser.open(f"{bought.page}/invoice").forms if one.action.endswith("/invoice"))
    sent = {**form.fields, **wanted}
    assert [browser.post(form.action, **sent).status for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(InvoiceRequest)) == 1
    assert "已申请，待商家开具" in browser.open(bought.page).text
    assert browser.post(form.action, **{**sent, "title": "别人"}).status == 409


def test_nothing_is_invoiced_of_an_order_that_went_back(app: Flask) -> None:
    bought = Bought(app)
    bought.browser.open(f"{bought.page}/cancellation").send("/cancellation")
    browser = bought.browser.open(f"{bought.page}/invoice")
    browser.send("/invoice", kind="personal", title="林小满", email="lin@example.com")
    assert (browser.status, "不能开票" in browser.text) == (409, True)


def test_a_wallet_is_filled_spent_and_paid_out(app: Flask) -> None:
    who = make.person()
    browser = signed_in(app, who).open("/me/wallet")
    assert "¥0.00" in browser.text
    browser.send("/top-ups", amount="一百")
    assert (browser.status, "须为金额" in browser.text) == (422, True)
    browser.open("/me/wallet").send("/top-ups", amount="100").follow().send(outcome="paid").follow()
    assert (browser.path, "¥100.00" in browser.text) == ("/me/wallet", True)
    goods = make.product(price=3000)
    at_checkout(browser, goods)
    assert "余额 · ¥100.00" in browser.text
    browser.send(**make.ADDRESS, gateway="wallet").follow()
    assert "已支付" in browser.text
    browser.open("/me/wallet")
    form = next(one for one in browser.forms if one.action.endswith("/withdrawals"))
    sent = {**form.fields, "amount": "20", "account": "6222000011112222", "holder": "林小满"}
    browser.post(form.action, **{**sent, "amount": "99999"})
    assert (browser.status, "余额不足" in browser.text, 'value="林小满"' in browser.text) == (422, True, True)
    assert [browser.post(form.action, **sent).status for _ in range(2)] == [303, 303]
    text = browser.open("/me/wallet").text
    assert "¥50.00" in text
    assert "…2222" in text
    assert db.session.scalar(select(func.count()).select_from(Withdrawal)) == 1


def test_who_has_too_little_is_shown_the_form_again_and_nothing_is_ordered(app: Flask) -> None:
    browser, goods = signed_in(app, make.person()), make.product(price=3000)
    at_checkout(browser, goods).send(**make.ADDRESS, gateway="wallet", note="快")
    assert (browser.status, 'value="快"' in browser.text) == (409, True)
    assert browser.send(**make.ADDRESS, gateway="sandbox").status == 303
