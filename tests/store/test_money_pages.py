"""A shop's pages of money: how it stands, its bills and their sheets, and who gets it."""

import csv
import io
import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import worker
from app.core.db import db, in_transaction
from app.store.bills.models import Bill
from app.store.payouts.models import Payee
from app.store.payouts.queries import payee_of
from app.store.settlement.models import TOTALS
from app.store.shops.models import MANAGER, PACKER, READER
from tests.make import order as make
from tests.make.settlement import age_settlement, billed, settled
from tests.merchant import Merchant
from tests.statements import statements

BILL = re.compile(r'data-bill="([^"]+)" data-state="(\w+)"')
STANDS, COLUMN = re.compile(r'data-money="(\w+)">([^<]+)<'), re.compile(r'data-column="(\w+)">([^<]+)<')
PAYEE = {"channel": "bank_file", "name": "杭州小店有限公司", "bank": "招商银行", "account": "6222 0000 1111 2333"}


def issued(desk: Merchant, *prices: int) -> UUID:
    """The id of a bill that waits for the shop, of orders of these prices in a week that is over."""
    for price in prices:
        settled([make.line(make.sku(), price, 1, desk.shop.id, take_rate=500)])
    age_settlement(7)
    worker.sweep_once(["store.bills.issue_bills"])
    return in_transaction(lambda: db.session.scalars(select(Bill.id).where(Bill.shop_id == desk.shop.id)).one())


def state_of(bill_id: UUID) -> str:
    db.session.rollback()
    return in_transaction(lambda: db.session.get_one(Bill, bill_id, populate_existing=True).state)


def test_a_shop_sees_what_is_held_settled_and_billed(app: Flask) -> None:
    desk = Merchant(app)
    bill_id = issued(desk, 1000, 2000)
    desk.sold(price=700)
    browser = desk.at("/bills", READER)
    assert dict(STANDS.findall(browser.text)) == {"held": "¥7.00", "settled": "¥28.50"}
    assert BILL.findall(browser.text) == [(str(bill_id), "issued")]
    assert not any(one.action.endswith("/bill-terms") for one in browser.forms)
    assert "/payee" not in browser.text


def test_a_bill_shows_every_column_and_is_confirmed_once(app: Flask) -> None:
    desk = Merchant(app)
    bill_id = issued(desk, 1000, 2000)
    browser = desk.at(f"/bills/{bill_id}", MANAGER)
    shown = dict(COLUMN.findall(browser.text))
    assert set(TOTALS) - set(shown) == {"of_debts"}
    assert (shown["goods"], shown["fee"], shown["net"], shown["to_settled"]) == ("¥30.00", "-¥1.50", "¥28.50", "¥28.50")
    assert browser.text.count("data-entry=") == 2
    form = next(one for one in browser.forms if one.action.endswith("/confirmation"))
    for _ in range(2):
        assert browser.post(form.action, **form.fields).status == 303
    assert state_of(bill_id) == "confirmed"
    assert not any(one.action.endswith("/confirmation") for one in browser.follow().forms)


def test_a_bill_is_downloaded_as_it_is_and_adds_up(app: Flask) -> None:
    desk = Merchant(app)
    bill_id = issued(desk, 1000, 2050)
    browser = desk.at(f"/bills/{bill_id}/entries.csv", READER)
    assert browser.answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(browser.text.removeprefix("\ufeff"), newline="")))
    assert [one["商品金额"] for one in rows] == ["10.00", "20.50"]
    assert [one["平台扣点"] for one in rows] == ["-0.50", "-1.03"]
    assert sum(float(one["应打款"]) for one in rows) == pytest.approx(28.97)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", rows[0]["结算时间"]) and rows[0]["类型"] == "订单"
    assert re.search(r'filename="bill-\d{4}-\d\d-\d\d\.csv"', browser.answer.headers["Content-Disposition"])


def test_a_shop_chooses_how_often_it_gets_a_bill(app: Flask) -> None:
    desk = Merchant(app)
    browser = desk.at("/bills")
    browser.send("/bill-terms", period="month").follow()
    assert '<option value="month" selected>' in browser.text
    assert browser.send("/bill-terms", period="year").status == 422


@pytest.mark.parametrize("role", [PACKER, READER])
def test_money_is_changed_only_by_those_who_see_to_it(app: Flask, role: str) -> None:
    desk = Merchant(app)
    bill_id = issued(desk, 1000)
    browser = desk.at("/bills", role)
    token = browser.forms[-1].fields["form_token"]
    for path in (f"/bills/{bill_id}/confirmation", "/bill-terms", "/payee"):
        status = browser.post(desk.base + path, form_token=token, period="month", **PAYEE).status
        assert status == 403, path
    assert browser.open(f"{desk.base}/payee").status == 403
    stranger = Merchant(app).at("/bills")
    for path in ("/bills", f"/bills/{bill_id}", f"/bills/{bill_id}/entries.csv", "/payee"):
        assert stranger.open(desk.base + path).status == 404, path
    assert (state_of(bill_id), in_transaction(lambda: payee_of(desk.shop.id))) == ("issued", None)


def test_who_gets_the_money_is_entered_and_its_number_never_shown(app: Flask) -> None:
    desk = Merchant(app)
    browser = desk.at("/payee", MANAGER)
    for wrong in ({"account": "12"}, {"name": "=A1"}, {"channel": "cash"}):
        assert browser.open(f"{desk.base}/payee").send("/payee", **{**PAYEE, **wrong}).status == 422
        assert 'id="{}-fault"'.format(*wrong) in browser.text or "没有这个打款渠道" in browser.text
    browser.open(f"{desk.base}/payee").send("/payee", **PAYEE).follow()
    assert 'data-payee="2333"' in browser.text and "62220000" not in browser.text and "杭州小店有限公司" in browser.text
    until = in_transaction(lambda: db.session.get_one(Payee, desk.shop.id).hold_until)
    browser.send("/payee", **PAYEE).follow()
    db.session.rollback()
    assert in_transaction(lambda: db.session.get_one(Payee, desk.shop.id).hold_until) == until, "the same once more"
    assert browser.text.count("…2333") == 2, "one change"


def test_pages_of_money_cost_the_same_for_many(app: Flask) -> None:
    counts = []
    for prices in ((100,), (100, 200, 300, 400)):
        desk = Merchant(app)
        billed(desk.shop.id, *prices)
        browser = desk.at("/bills")
        paths = [f"{desk.base}/bills", f"{desk.base}/bills/{BILL.findall(browser.text)[0][0]}"]
        for path in paths:
            browser.open(path)
            with statements() as seen:
                browser.open(path)
            counts.append(len(seen))
        assert browser.text.count("data-entry=") == len(prices)
    assert counts[:2] == counts[2:]
    assert max(counts) < 25
