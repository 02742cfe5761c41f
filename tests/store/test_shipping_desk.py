"""A shop's desk of parcels: many in one form, or by a sheet, each with its own answer."""

import csv
import io
import re
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from marshmallow import ValidationError
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.store.delivery.actions import ship_many
from app.store.delivery.models import ParcelToEnter
from app.store.delivery.schemas import LARGEST_SHEET, MOST_ROWS, parcels_read
from app.store.fulfilment.queries import orders_of_shop
from app.store.shops.models import AFTER_SALES, PACKER, READER
from tests import make as town
from tests.make import order as make
from tests.merchant import Merchant
from tests.pages import Browser
from tests.statements import statements
from tests.store.racing import together

PARCEL, RESULT = re.compile(r'data-parcel="([^"]+)"'), re.compile(r'data-row="(\d+)" data-result="(\w+)"')
HEAD = "订单号,快递公司,运单号\n"


def results(browser: Browser) -> list[tuple[int, str]]:
    return [(int(row), result) for row, result in RESULT.findall(browser.text)]


def upload(browser: Browser, content: bytes | str, path: str = "") -> Browser:
    data = content if isinstance(content, bytes) else content.encode()
    page = browser.open(path) if path else browser
    form = next(one for one in page.forms if one.action.endswith("/shipping/sheet"))
    return page.post(form.action, **form.fields, file=(io.BytesIO(data), "parcels.csv"))


def stands(desk: Merchant) -> dict[UUID, str]:
    found = in_transaction(lambda: orders_of_shop(desk.shop.id, desk.shop.owner.id, 50, None)["items"])
    return {one["id"]: one["fulfilment"] for one in found}


def parcels() -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in in_transaction(
            lambda: db.session.execute(text("SELECT carrier, number FROM delivery_packages ORDER BY number")).all()
        )
    ]


def test_what_is_to_be_sent_is_listed_with_where_it_goes_the_first_due_first(app: Flask) -> None:
    desk = Merchant(app)
    first, second = desk.sold(2), desk.sold()
    desk.sent(), desk.ordered()
    in_transaction(
        lambda: db.session.execute(text("UPDATE fulfilment_orders SET ship_by = now() - interval '1 hour'"
                                        " WHERE order_id = :id"), {"id": second})
    )  # fmt: skip
    browser = desk.at("/shipping", PACKER)
    assert [UUID(one) for one in PARCEL.findall(browser.text)] == [second, first]
    assert browser.text.count("已超时") == 1 and browser.text.count(town.ADDRESS["street"]) == 2
    for role in (READER, AFTER_SALES):
        assert desk.at("/shipping", role).status == 403
    assert Merchant(app).at(f"{desk.base}/shipping").status == 404


def test_who_ships_resold_goods_reads_the_note_of_their_buyer_on_page_and_sheet(app: Flask) -> None:
    """A note is for who ships; of the buyer nothing else is told."""
    supplier = Merchant(app)
    line = make.line(make.sku(), 1000, 1, supplier_id=supplier.shop.id, supply_price=700)
    make.paid(make.purchase([line], address=town.ADDRESS, note="放门口，<b>别敲门</b>"))
    supplier.sold(note="")
    page = supplier.at("/shipping", PACKER)
    assert page.text.count("买家留言：") == 1 and "放门口，&lt;b&gt;别敲门&lt;/b&gt;" in page.text
    sheet = csv.DictReader(io.StringIO(supplier.at("/shipping.csv", PACKER).text.removeprefix("\ufeff"), newline=""))
    assert [one["留言"] for one in sheet] == ["放门口，<b>别敲门</b>", ""]


def test_many_orders_are_sent_in_one_form_and_a_wrong_number_stops_no_other(app: Flask) -> None:
    desk = Merchant(app)
    good, other, wrong, left = (desk.sold() for _ in range(4))
    browser = desk.at("/shipping", PACKER)
    sent = {f"number-{good}": " SB1 ", f"number-{other}": "SF1234567890123", f"carrier-{other}": "sf"}
    browser.send("/shipping", carrier="sandbox", **sent, **{f"number-{wrong}": "abc", f"carrier-{wrong}": "sf"})
    assert (browser.status, results(browser)) == (422, [(1, "entered"), (2, "entered"), (3, "refused")])
    assert stands(desk) == {good: "shipped", other: "shipped", wrong: "unfulfilled", left: "unfulfilled"}
    assert parcels() == [("sandbox", "SB1"), ("sf", "SF1234567890123")]
    assert f'id="number-{wrong}-fault"' in browser.text and 'value="abc"' in browser.text
    assert {UUID(one) for one in PARCEL.findall(browser.text)} == {wrong, left}


def test_a_form_that_is_sent_twice_enters_its_parcels_once(app: Flask) -> None:
    desk = Merchant(app)
    order_id = desk.sold()
    browser = desk.at("/shipping")
    sent = {
        **next(one for one in browser.forms if one.action.endswith("/shipping")).fields,
        f"number-{order_id}": "SB1",
    }
    for expected in ("entered", "known"):
        browser.post(f"{desk.base}/shipping", **{**sent, "carrier": "sandbox"})
        assert (browser.status, results(browser)) == (200, [(1, expected)])
    assert parcels() == [("sandbox", "SB1")]


def test_the_sheet_of_what_is_to_be_sent_is_filled_in_and_sent_back(app: Flask) -> None:
    desk = Merchant(app)
    orders = [desk.sold(address={**town.ADDRESS, "name": "=cmd"}) for _ in range(3)]
    browser = desk.at("/shipping.csv", PACKER)
    rows = list(csv.DictReader(io.StringIO(browser.text.removeprefix("\ufeff"), newline="")))
    assert [UUID(one["订单号"]) for one in rows] == orders
    assert (rows[0]["收货人"], rows[0]["快递公司"], rows[0]["运单号"]) == ("'=cmd", "", "")
    rows[0] |= {"快递公司": "沙盒快递", "运单号": "A1"}
    rows[1] |= {"快递公司": "SF", "运单号": "SF1234567890123"}
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    upload(browser, out.getvalue().encode("gb18030"), f"{desk.base}/shipping")
    assert (browser.status, results(browser)) == (200, [(2, "entered"), (3, "entered")])
    assert parcels() == [("sandbox", "A1"), ("sf", "SF1234567890123")]
    upload(browser, out.getvalue(), f"{desk.base}/shipping")
    assert (browser.status, results(browser)) == (200, [(2, "known"), (3, "known")])


def test_each_row_of_a_sheet_is_answered_for_itself(app: Flask) -> None:
    desk, other = Merchant(app), Merchant(app)
    order_id, foreign, unpaid = desk.sold(), other.sold(), desk.ordered().placed.orders[0].id
    rows = [
        f"{order_id},顺丰,SF1234567890123",
        f"{order_id},顺丰,SF9999999999999",
        f"{foreign},sandbox,B1",
        f"{unpaid},sandbox,B2",
        f"{uuid4()},sandbox,B3",
        "not-an-order,sandbox,B4",
        f"{order_id},pigeon,B5",
        f"{order_id},sandbox,1.23E+14",
        f"{order_id},,B6",
        ",,",
        f"{order_id},sandbox,{'9' * 41}",
    ]
    name = desk.at("/shipping").text.partition(">顺丰")[2].partition("<")[0]
    sheet = HEAD + "\n".join(one.replace("顺丰", f"顺丰{name}") for one in rows) + "\n"
    browser = upload(desk.at("/shipping"), sheet)
    assert browser.status == 422
    refused = [(number, "refused") for number in (3, 4, 5, 6, 7, 8, 9, 10, 12)]
    assert results(browser) == [(2, "entered"), *refused]
    assert parcels() == [("sf", "SF1234567890123")]
    for told in ("科学计数法", "没有这个订单", "没有这家承运商", "订单号不对"):
        assert told in browser.text, told
    assert stands(other) == {foreign: "unfulfilled"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "第一行须有列名"),
        (b"order,carrier\n1,2\n", "第一行须有列名"),
        (HEAD.encode(), "没有填写运单号的行"),
        (b"\xff\xfe\x00\x00", "无法读取此文件"),
        ((HEAD + f"{uuid4()},sandbox,A1\n" * (MOST_ROWS + 1)).encode(), f"每次最多 {MOST_ROWS} 行"),
        ((HEAD + '"' + "x" * 200_000).encode(), "无法读取此文件"),
    ],
    ids=["empty", "no column", "no row", "no text", "too many", "no csv"],
)
def test_what_is_no_sheet_of_parcels_is_told(app: Flask, content: bytes, told: str) -> None:
    desk = Merchant(app)
    desk.sold()
    browser = upload(desk.at("/shipping", PACKER), content)
    assert browser.status == 422
    assert told in browser.text


def test_the_page_of_parcels_costs_the_same_for_many(app: Flask) -> None:
    desk = Merchant(app)
    desk.sold(1)
    browser = desk.at("/shipping")
    counts = []
    for _ in range(2):
        with statements() as seen:
            assert browser.open(f"{desk.base}/shipping").status == 200
        counts.append(len(seen))
        for _ in range(8):
            desk.sold(1, 2)
    assert counts[0] == counts[1] < 25


def test_a_sheet_is_not_read_beyond_its_largest_size() -> None:
    row = f"{uuid4()},sandbox,A1\n"
    assert len(parcels_read((HEAD + row).encode(), {})) == 1
    with pytest.raises(ValidationError):
        parcels_read((HEAD + row + "," * LARGEST_SHEET).encode(), {})


def test_two_who_send_the_same_orders_at_once_wait_for_each_other(app: Flask) -> None:
    desk = Merchant(app)
    orders = [desk.sold() for _ in range(6)]
    wanted = [ParcelToEnter(one, "sandbox", f"A{place}") for place, one in enumerate(orders)]

    def send(some: list[ParcelToEnter]) -> list[bool]:
        return [refused is None for _, refused in in_transaction(lambda: ship_many(desk.owner, some), tries=1)]

    both = together(app, partial(send, wanted), partial(send, wanted[::-1]))
    assert [len(one) for one in both] == [6, 6]
    assert sum(done for one in both for done in one) == 6 == len(parcels())
