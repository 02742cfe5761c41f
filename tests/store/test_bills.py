"""Bills: exactly what was settled in a period, confirmed by the shop or by time, and checked against the ledger."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.core import worker
from app.core.clock import CHINA
from app.core.db import db, in_transaction
from app.store.bills import actions
from app.store.bills.models import MONTH, WEEK, Bill, period_around
from app.store.bills.queries import problems, to_pay
from app.store.bills.schemas import BillsOut, WholeBillOut
from app.store.settlement.models import TOTALS, Entry
from app.store.shops.models import PACKER, READER
from tests import make
from tests.client import Client
from tests.make import order as of
from tests.make.settlement import BILL, age_settlement, settled
from tests.store.racing import together


def bills(shop_id: UUID) -> list[Bill]:
    db.session.rollback()
    return list(db.session.scalars(select(Bill).where(Bill.shop_id == shop_id).order_by(Bill.begins)))


def sold(shop_id: UUID, price: int = 1000, **named: Any) -> None:
    settled([of.line(of.sku(), price, 1, shop_id, **named)])


def said() -> list[str]:
    """What is wrong, as `flask settlement check` says it; asked first in a transaction."""
    db.session.rollback()
    found = in_transaction(lambda: list(problems()), tries=1)
    db.session.remove()
    return found


@pytest.mark.parametrize(
    ("at", "period", "begins", "ends"),
    [
        ((2026, 11, 22, 15, 59), WEEK, "2026-11-16", "2026-11-23"),
        ((2026, 11, 22, 16, 0), WEEK, "2026-11-23", "2026-11-30"),
        ((2026, 12, 31, 15, 59), MONTH, "2026-12-01", "2027-01-01"),
        ((2026, 12, 31, 16, 0), MONTH, "2027-01-01", "2027-02-01"),
    ],
)
def test_weeks_and_months_begin_at_midnight_in_china(at: tuple[int, ...], period: str, begins: str, ends: str) -> None:
    year, month, day, hour, minute = at
    found = period_around(datetime(year, month, day, hour, minute, tzinfo=UTC), period)
    assert [f"{one.astimezone(CHINA):%Y-%m-%d %H:%M}" for one in found] == [f"{begins} 00:00", f"{ends} 00:00"]


def test_a_bill_holds_exactly_what_was_settled_in_its_week(app: Flask) -> None:
    shop, other = uuid4(), uuid4()
    sold(shop, 1000, take_rate=500)
    sold(shop, 70)
    sold(other, 5)
    worker.sweep_once(BILL)
    assert bills(shop) == [], "its week is not over"
    age_settlement(7)
    sold(shop, 9999)
    worker.sweep_once(BILL)
    [bill] = bills(shop)
    mine = select(func.count(), *(func.sum(getattr(Entry, one)) for one in TOTALS)).where(
        Entry.shop_id == shop, Entry.at >= bill.begins, Entry.at < bill.ends
    )
    count, *sums = db.session.execute(mine).one()
    assert (bill.entries, [getattr(bill, one) for one in TOTALS]) == (count, [int(one) for one in sums])
    assert (bill.entries, bill.goods, bill.fee, bill.net) == (2, 1070, -50, 1020)
    assert (bill.ends - bill.begins, bill.state) == (timedelta(days=7), "issued")
    assert len(bills(other)) == 1
    worker.sweep_once(BILL)
    assert len(bills(shop)) == 1
    assert said() == []


def test_a_shop_may_have_a_bill_a_month_and_none_overlap(app: Flask, client: Client) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    sold(shop.id)
    age_settlement(70)
    path = f"/shops/{shop.id}/bill-terms"
    worker.sweep_once(BILL)
    assert owner.put(path, {"period": "month"}).json == {"shop_id": str(shop.id), "period": "month"}
    assert client.as_(make.worker(shop, PACKER).token).put(path, {"period": "week"}).status_code == 403
    sold(shop.id)
    age_settlement(40)
    worker.sweep_once(BILL)
    weekly, monthly = bills(shop.id)
    assert weekly.ends <= monthly.begins
    assert monthly.ends.astimezone(CHINA).day == 1


def test_two_sweeps_at_once_issue_one_bill(app: Flask) -> None:
    shops = [uuid4() for _ in range(4)]
    for shop in shops:
        sold(shop)
    age_settlement(7)
    issue = partial(in_transaction, actions.issue_due)
    together(app, *[issue] * 3)
    worker.sweep_once(BILL)
    assert [len(bills(shop)) for shop in shops] == [1] * 4


def test_a_shop_confirms_its_bill_or_time_does(app: Flask, client: Client) -> None:
    shop, silent = make.shop(), uuid4()
    sold(shop.id)
    sold(silent)
    age_settlement(7)
    worker.sweep_once(BILL)
    [bill] = bills(shop.id)
    path = f"/shops/{shop.id}/bills/{bill.id}"
    packer, reader = client.as_(make.worker(shop, PACKER).token), client.as_(make.worker(shop, READER).token)
    assert {one.post(f"{path}/confirmation", {}).status_code for one in (packer, reader)} == {403}
    assert packer.get(path).status_code == 403
    assert client.as_(make.person().token).get(path).status_code == 404
    owner = client.as_(shop.owner.token)
    for _ in range(2):
        assert owner.post(f"{path}/confirmation", {}).json["state"] == "confirmed"
    seen = reader.get(path).json
    assert WholeBillOut().validate(seen) == {}
    assert [one["after"] for one in seen["log"]] == ["issued", "confirmed"]
    assert [one["net"] for one in seen["items"]] == [1000]
    assert BillsOut().validate(owner.get(f"/shops/{shop.id}/bills").json) == {}
    assert bills(silent)[0].state == "issued"
    age_settlement(4)
    in_transaction(actions.confirm_due)
    assert bills(silent)[0].state == "confirmed" and len(to_pay(silent)) == 1


def test_a_bill_that_leaves_nothing_is_paid_by_its_confirmation(app: Flask) -> None:
    shop = uuid4()
    sold(shop, 100, take_rate=10000)
    age_settlement(7)
    worker.sweep_once(BILL)
    age_settlement(4)
    in_transaction(actions.confirm_due)
    [bill] = bills(shop)
    assert (bill.state, bill.to_settled) == ("paid", 0)


def test_what_was_changed_by_hand_is_named(app: Flask) -> None:
    shop = uuid4()
    sold(shop, 1000)
    age_settlement(7)
    worker.sweep_once(BILL)
    bill_id = bills(shop)[0].id
    for change in (
        "UPDATE bills_bills SET fee = fee - 1, net = net - 1",
        "UPDATE settlement_shops SET settled = settled + 5",
        "UPDATE settlement_entries SET goods = goods + 7, net = net + 7, to_settled = to_settled + 7",
    ):
        in_transaction(lambda change=change: db.session.execute(text(change)))
    lines = said()
    assert len(lines) == 3
    assert f"bill {bill_id}" in lines[0] and "fee -1 / 0" in lines[0] and "goods 1000 / 1007" in lines[0]
    assert f"shop {shop}: to be paid out 1005, the ledger says 1000" in lines[1]
    assert "entries say 1007, the ledger says 1000" in lines[2]
    done = app.test_cli_runner().invoke(args=["settlement", "check"])
    assert done.exit_code == 1 and all(line in done.output for line in lines)
