"""A shop's desk of orders: lists, one order's page, parcels, cancelling, and the sheet of all."""

import csv
import io
import re
from contextvars import Context
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.core.http.sheets import BUSY_SECONDS, MOST_AT_ONCE, _turns
from app.store.fulfilment.queries import lines_of
from app.store.orders.models import PICK_UP, AdjustmentToPlace, Parcel
from app.store.shops.models import AFTER_SALES, PACKER, READER
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.merchant import Merchant
from tests.pages import Browser
from tests.portal import at_portal
from tests.statements import statements

ORDER = re.compile(r'data-order="([^"]+)"')
AXIS = re.compile(r'data-axis="(\w+)" data-value="(\w+)"')


def listed(browser: Browser) -> list[UUID]:
    return [UUID(one) for one in ORDER.findall(browser.text)]


def sheet(browser: Browser) -> list[dict[str, str]]:
    assert browser.answer.mimetype == "text/csv", browser.text
    return list(csv.DictReader(io.StringIO(browser.text.removeprefix("\ufeff"), newline="")))


def test_orders_are_listed_by_where_they_stand(app: Flask) -> None:
    desk = Merchant(app)
    unpaid, paid, sent = desk.ordered().placed.orders[0].id, desk.sold(), desk.sent()
    browser = desk.at("/orders")
    assert listed(browser) == [sent, paid, unpaid]
    for state, found in (("to_pay", [unpaid]), ("to_ship", [paid]), ("to_receive", [sent]), ("after_sales", [])):
        assert listed(browser.open(f"{desk.base}/orders?state={state}")) == found, state
    assert "最近 30 天" not in browser.text
    assert browser.open(f"{desk.base}/orders?state=nonsense").status == 422


def test_orders_of_all_channels_are_in_one_list_and_narrowed_to_one(app: Flask) -> None:
    desk = Merchant(app)
    here, there = desk.sold(), desk.sold(parcels={desk.shop.id: Parcel(channel="store")})
    browser = desk.at("/orders")
    assert listed(browser) == [there, here]
    assert '<option value="store">轻店</option>' in browser.text
    assert listed(browser.open(f"{desk.base}/orders?channel=store&state=to_ship")) == [there]


@pytest.mark.parametrize("role", [PACKER, AFTER_SALES])
def test_an_order_is_found_by_its_number_its_buyers_name_or_the_end_of_his_phone(app: Flask, role: str) -> None:
    desk = Merchant(app)
    wanted = desk.sold(address={**town.ADDRESS, "name": "欧阳 50%", "phone": "+86 139-1234-5678"})
    desk.sold()
    desk.ordered(address={**town.ADDRESS, "name": "欧阳 50%"})
    browser = desk.at("/orders", role)
    for about in (str(wanted), str(wanted)[-8:].upper(), "阳 50%", "5678", "13912345678", "139-1234 5678"):
        assert listed(browser.open(f"{desk.base}/orders?about={about.replace('%', '%25')}")) == [wanted], about
    for about in ("%25%25", "___", "nobody", str(uuid4()), "9999999"):
        assert listed(browser.open(f"{desk.base}/orders?about={about}")) == [], about


def test_who_only_reads_finds_no_buyers_and_sees_no_address(app: Flask) -> None:
    desk = Merchant(app)
    order_id = desk.sold()
    browser = desk.at("/orders", READER)
    assert listed(browser.open(f"{desk.base}/orders?about={town.ADDRESS['name']}")) == []
    assert listed(browser.open(f"{desk.base}/orders?about={str(order_id)[-8:]}")) == [order_id]
    shown = browser.open(f"/portal/orders/{order_id}")
    assert shown.status == 200 and town.ADDRESS["street"] not in shown.text
    assert all(not one.action.startswith("/portal") for one in shown.forms)


def test_an_orders_page_tells_its_axes_lines_adjustments_freight_and_log(app: Flask) -> None:
    desk = Merchant(app)
    off = [AdjustmentToPlace(-100, "C:new", "platform")]
    goods = [make.line(make.sku(), 1000, 2, desk.shop.id, adjustments=off)]
    bought = make.paid(make.purchase(goods, parcels={desk.shop.id: Parcel(800)}, address=town.ADDRESS))
    browser = desk.at(f"/portal/orders/{bought.placed.orders[0].id}")
    assert dict(AXIS.findall(browser.text)) == {"payment": "paid", "fulfilment": "unfulfilled", "aftersale": "none"}
    for told in ("¥20.00", "-¥1.00", "平台承担", "¥8.00", "¥27.00", town.ADDRESS["street"], "待支付 → 已支付"):
        assert told in browser.text, told


def test_a_part_is_sent_from_the_orders_page_and_then_the_rest(app: Flask) -> None:
    desk = Merchant(app)
    order_id = desk.sold(3)
    line = make.line_ids(order_id)[0]
    browser = desk.at(f"/portal/orders/{order_id}", PACKER)
    for wrong, field in (({"number": " "}, "number"), ({"number": "x", "carrier": "sf"}, "number")):
        assert browser.send("/packages", **{"carrier": "sandbox", "number": "A1", **wrong}).status == 422
        assert f'id="{field}-fault"' in browser.text
    for units, status in (("0", 422), ("x", 422), ("4", 409)):
        page = browser.open(f"/portal/orders/{order_id}")
        assert page.send("/packages", carrier="sandbox", number="A1", **{f"units-{line}": units}).status == status
    assert in_transaction(lambda: lines_of(order_id))[0].shipped == 0
    browser.open(f"/portal/orders/{order_id}").send(
        "/packages", carrier="sandbox", number="A1", **{f"units-{line}": "1"}
    )
    assert dict(AXIS.findall(browser.follow().text))["fulfilment"] == "partly_shipped"
    assert "A1" in browser.text and "已发货。" in browser.text
    assert browser.send("/packages", carrier="sandbox", number="A2").follow().status == 200
    assert dict(AXIS.findall(browser.text))["fulfilment"] == "shipped"
    assert not any(one.action.endswith("/packages") for one in browser.forms)


def test_what_is_not_sent_is_cancelled_by_who_serves_once_however_often_it_is_sent(app: Flask) -> None:
    desk = Merchant(app)
    order_id = desk.sold(2)
    page = f"/portal/orders/{order_id}"
    packer = desk.at(page, PACKER)
    assert not any(one.action.endswith("/cancellation") for one in packer.forms)
    served = desk.at(page, AFTER_SALES)
    assert served.send("/cancellation", reason="").status == 422
    form = next(one for one in served.forms if one.action.endswith("/cancellation"))
    sent = {**form.fields, "reason": "缺货"}
    assert (
        packer.open(page).post(form.action, **{**sent, "form_token": packer.forms[-1].fields["form_token"]}).status
        == 403
    )
    for _ in range(2):
        assert served.post(form.action, **sent).status == 303
    assert dict(AXIS.findall(served.follow().text)) == {
        "payment": "refunded", "fulfilment": "cancelled", "aftersale": "refunded"
    }  # fmt: skip
    granted = in_transaction(lambda: db.session.execute(text("SELECT amount, why FROM refunds_grants")).all())
    assert granted == [(2000, "缺货")]
    other = desk.sold()
    assert served.post(f"/portal/orders/{other}/cancellation", **sent).status == 409, "the id is another's"


def test_orders_of_another_shop_are_not_there(app: Flask) -> None:
    desk, other = Merchant(app), Merchant(app)
    order_id = desk.sold()
    browser = other.at("/orders")
    for path in (f"{desk.base}/orders", f"{desk.base}/orders.csv", f"/portal/orders/{order_id}"):
        assert browser.open(path).status == 404, path


def test_the_sheet_of_orders_is_complete_in_china_time_and_runs_nothing(app: Flask) -> None:
    desk = Merchant(app)
    first = desk.sold(2, 1, address={**town.ADDRESS, "name": "=1+1"}, note="+86 快点")
    in_transaction(lambda: db.session.execute(text("UPDATE orders_orders SET created_at = '2026-10-01 17:30:00+00'")))
    second = desk.sent()
    browser = desk.at("/orders")
    rows = sheet(browser.open(f"{desk.base}/orders.csv"))
    assert [UUID(one["订单号"]) for one in rows] == [second, first, first]
    assert rows[1]["下单时间"] == "2026-10-02 01:30"
    assert (rows[1]["数量"], rows[1]["单价"], rows[1]["小计"], rows[1]["订单合计"]) == ("2", "10.00", "20.00", "30.00")
    assert (rows[1]["收货人"], rows[1]["留言"], rows[1]["电话"]) == ("'=1+1", "'+86 快点", "'" + town.ADDRESS["phone"])
    assert (rows[0]["渠道"], rows[0]["支付"], rows[0]["发货"], rows[0]["售后"]) == (
        "商城",
        "已支付",
        "已发货",
        "无售后",
    )
    assert rows[0]["运单"].startswith("sandbox ") and rows[0]["已发"] == "1"
    assert [UUID(one["订单号"]) for one in sheet(browser.open(f"{desk.base}/orders.csv?state=to_ship"))] == [first] * 2
    days = f"{desk.base}/orders.csv?since=2026-10-02&until=2026-10-02"
    assert [UUID(one["订单号"]) for one in sheet(browser.open(days))] == [first] * 2
    english = at_portal(app, desk.shop.owner, desk.base)
    english.client.set_cookie("language", "en")
    assert "order" in sheet(english.open(f"{desk.base}/orders.csv"))[0]


@pytest.mark.parametrize("role", [READER, AFTER_SALES])
def test_the_sheet_tells_who_bought_only_to_those_who_ship(app: Flask, role: str) -> None:
    desk = Merchant(app)
    desk.sold()
    told = desk.at("/orders.csv", role)
    assert len(sheet(told)) == 1
    assert "收货人" not in told.text and town.ADDRESS["phone"] not in told.text
    assert town.ADDRESS["phone"] in desk.at("/orders.csv", PACKER).text


def test_a_sheet_is_read_while_it_is_sent_and_holds_no_connection(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Merchant(app)
    monkeypatch.setattr("app.store.sales.queries.AT_ONCE", 2)
    for _ in range(5):
        desk.sold()
    browser = desk.at("/orders")
    db.session.remove()
    with statements() as seen:
        answer = Context().run(browser.client.get, f"{desk.base}/orders.csv", buffered=False)
        before = len(seen)
        pieces = []
        for piece in answer.iter_encoded():
            pieces.append(piece)
            assert all(engine.pool.checkedout() == 0 for engine in db.engines.values())
    assert len(pieces) == 4 and len(seen) > before
    assert b"".join(pieces).decode().count("\r\n") == 6


def test_a_sheet_costs_a_query_for_a_thousand_orders_however_long_it_is(app: Flask) -> None:
    desk = Merchant(app)
    browser = desk.at("/orders")
    counts = []
    for _ in range(2):
        desk.sold(1, 1)
        with statements() as seen:
            assert len(sheet(browser.open(f"{desk.base}/orders.csv"))) == 2 * len(counts) + 2
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_of_unpaid_orders_a_sheet_tells_nobody_who_ordered(app: Flask) -> None:
    desk = Merchant(app)
    desk.ordered()
    [row] = sheet(desk.at("/orders.csv"))
    assert (row["支付"], row["发货"], row["收货人"], row["电话"], row["地址"]) == ("待支付", "待发货", "", "", "")


def test_only_a_few_sheets_are_written_at_once_and_who_goes_away_makes_room(app: Flask) -> None:
    desk = Merchant(app)
    desk.sold()
    browser, path = desk.at("/orders"), f"{desk.base}/orders.csv"
    begun = [Context().run(browser.client.get, path, buffered=False) for _ in range(MOST_AT_ONCE)]
    next(begun[0].iter_encoded())
    refused = browser.open(path)
    assert (refused.status, refused.answer.headers["Retry-After"]) == (503, str(BUSY_SECONDS))
    while begun:  # one that was read a little, one that was not at all
        begun.pop(0).close()
        assert browser.open(path).status == 200
    browser.open("/portal/shops")
    assert len(_turns) == 0


def test_the_pages_of_orders_cost_the_same_for_many(app: Flask) -> None:
    desk = Merchant(app)
    order_id = desk.sent(1, 1)
    browser = desk.at("/orders")
    counts = []
    for _ in range(2):
        for path in (f"{desk.base}/orders", f"/portal/orders/{order_id}"):
            browser.open(path)
            with statements() as seen:
                assert browser.open(path).status == 200
            counts.append(len(seen))
        for _ in range(6):
            desk.sold(1, 1, 1)
        order_id = desk.sent(1, 1, 1, 1)
    assert counts[:2] == counts[2:]
    assert max(counts) < 25, counts


def test_an_order_that_is_fetched_is_handed_over_by_its_code(app: Flask) -> None:
    desk = Merchant(app)
    bought = make.paid(desk.ordered(parcels={desk.shop.id: Parcel(method=PICK_UP)}))
    order_id = bought.placed.orders[0].id
    assert not any(one.action.endswith("/packages") for one in desk.at(f"/portal/orders/{order_id}").forms)
    code = make_code(app, bought)
    browser = desk.at("/shipping", PACKER)
    assert browser.send("/pick-ups", code="1").status == 422
    assert 'id="code-fault"' in browser.text
    assert "已交付" in browser.open(f"{desk.base}/shipping").send("/pick-ups", code=f" {code} ").follow().text
    assert dict(AXIS.findall(browser.text))["fulfilment"] == "received"
    assert browser.open(f"{desk.base}/shipping").send("/pick-ups", code=code).status == 422


def make_code(app: Flask, bought: make.MadePurchase) -> str:
    found = Browser(app).client.get(
        f"/api/v1/orders/{bought.placed.orders[0].id}/packages",
        headers={"Authorization": f"Bearer {bought.buyer.token}"},
    )
    return str(found.json["pick_up_code"])


def test_who_only_reads_is_told_no_address_by_an_app_either(app: Flask, client: Client) -> None:
    desk = Merchant(app)
    order_id = desk.sold(address=town.ADDRESS)
    for role, address in ((READER, None), (PACKER, town.ADDRESS), (AFTER_SALES, town.ADDRESS)):
        by = client.as_(town.worker(desk.shop, role).token)
        assert by.get(f"/orders/{order_id}").json["address"] == address, role
        assert [one["address"] for one in by.get(f"/shops/{desk.shop.id}/orders").json["items"]] == [address], role
