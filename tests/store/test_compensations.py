"""Money back for goods that are kept: less than a unit's money compensates for it, all of it refunds it."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.db import db
from app.core.eventlog import EventRow
from app.store.fulfilment.models import CANCEL, CLAIM, LET_GO, REFUND, LineProgress, Move
from app.store.fulfilment.queries import lines_of
from app.store.orders.models import AdjustmentToPlace
from app.store.refunds.models import BUYER, Back, Share
from app.store.refunds.queries import shared_back
from tests import make as town
from tests import sound
from tests.client import Client
from tests.pages import signed_in
from tests.store.test_aftersales import BACK, Bought

INVOICE = {"kind": "personal", "title": "王小明", "email": "a@b.cn"}


def compensated(order: Bought, amount: int | None, units: int = 1) -> Any:
    """A refund of so many 分 for units that are kept, agreed to by the shop."""
    case = order.ask("refund", units, reason="damaged", amount=amount)
    assert case.status_code == 201, case.text
    return order.do(order.staff, case, "approval")


def moved(order: Bought) -> tuple[int, int, int, int]:
    db.session.remove()
    [line] = lines_of(order.id)
    return line.claimed, line.refunded, line.returned, line.refunded_amount


def times_told(order: Bought, name: str) -> int:
    found = db.session.query(EventRow).filter(EventRow.name == name)
    return sum(one.body["order_id"] == str(order.id) for one in found)


def assert_sound() -> None:
    rules = sound.PROGRESS | sound.REFUNDS | sound.LEDGER
    found = {name: db.session.connection().exec_driver_sql(query).all() for name, query in rules.items()}
    assert not {name: rows for name, rows in found.items() if rows}


def test_a_compensation_leaves_the_unit_bought(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=1, price=5800).received()
    assert compensated(order, 1).json["refund"]["amount"] == 1
    assert order.stands() == ("partly_refunded", "received", "partly_refunded")
    assert moved(order) == (0, 0, 0, 1) and times_told(order, "OrderRefunded") == 0, "its coupon stays used"
    assert order.buyer.post(f"/orders/{order.id}/invoice", INVOICE).status_code == 201
    back = order.ask("return", reason="damaged")
    assert back.status_code == 201, back.text
    order.do(order.staff, back, "approval")
    order.do(order.buyer, back, "parcel", **BACK)
    assert order.do(order.staff, back, "arrival").json["refund"]["amount"] == 5799
    assert order.stands() == ("refunded", "received", "refunded") and times_told(order, "OrderRefunded") == 1
    assert_sound()


def test_never_more_than_was_paid_goes_back_over_several_cases(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=1, price=5800).received()
    for amount in (1, 2000):
        compensated(order, amount)
    more = order.ask("refund", reason="damaged", amount=3800)
    assert (more.status_code, more.json["errors"]) == (422, {"amount": [3799]})
    assert moved(order) == (0, 0, 0, 2001)


@pytest.mark.parametrize("rest", [5000, None])
def test_a_refund_in_two_parts_counts_in_the_end(app: Flask, client: Client, rest: int | None) -> None:
    order = Bought(client, quantity=1, price=5800).received()
    compensated(order, 800)
    compensated(order, rest)
    assert order.stands() == ("refunded", "received", "refunded")
    assert moved(order) == (0, 1, 0, 5800) and times_told(order, "OrderRefunded") == 1
    assert order.ask("refund", reason="damaged").json["code"] == "wrong_quantity"
    assert_sound()


def test_units_that_were_compensated_for_can_be_asked_for_again(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=3, price=1000).received()
    compensated(order, 600, units=2)
    assert moved(order) == (0, 0, 0, 600)
    compensated(order, None, units=3)
    assert moved(order) == (0, 3, 0, 3000) and order.stands()[2] == "refunded"
    assert_sound()


def test_a_funder_has_back_his_part_of_a_compensation_and_in_the_end_all(app: Flask, client: Client) -> None:
    off = [AdjustmentToPlace(-1000, "coupon:x", "platform")]
    order = Bought(client, quantity=1, price=5000, adjustments=off).received()
    compensated(order, 1000)
    compensated(order, 3000)
    shares = db.session.query(Share).filter(Share.order_id == order.id).order_by(Share.id)
    assert [(one.holder, one.units, one.amount) for one in shares if one.line_id] == [
        *(("buyer", 0, 1000), ("platform", 0, 250)),
        *(("buyer", 1, 3000), ("platform", 1, 750)),
    ]
    assert_sound()


def test_a_moderator_who_grants_all_refunds_and_one_who_grants_less_compensates(app: Flask, client: Client) -> None:
    moderator = client.as_(town.person(roles=("moderator",)).token)
    for amount, refunded in ((400, 0), (1000, 1)):
        order = Bought(client, quantity=2, price=1000).received()
        case = order.ask("refund", reason="different")
        order.do(order.staff, case, "refusal", words="与描述一致")
        order.do(order.buyer, case, "appeal", words="颜色不同")
        ruling = {"outcome": "granted", "words": "照片属实", "amount": amount}
        moderator.post(f"/desk/aftersales/{case.json['id']}/decision", ruling, key=uuid4().hex)
        assert moved(order) == (0, refunded, 0, amount)
    assert_sound()


portions = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 1000)), max_size=12)


@settings(max_examples=300)
@given(st.integers(0, 10**6), st.integers(0, 10**5), st.integers(1, 6), portions)
def test_in_whatever_portions_it_is_compensated_the_sum_is_exact(
    paid: int, funded: int, units: int, told: list[tuple[int, int]]
) -> None:
    names = ("shipped", "received", "claimed", "cancelled", "returned", "refunded", "refunded_amount")
    line = LineProgress(line_id=uuid4(), quantity=units, total=paid, **dict.fromkeys(names, 0))
    left = {BUYER: paid, "platform": funded}
    assert line.move(Move(line.line_id, "ship", units))

    def give(some: int, amount: int | None) -> None:
        back = shared_back(Back(line.line_id, REFUND, some, amount), line, left)
        assert line.move(Move(line.line_id, CLAIM, some))
        assert line.move(Move(line.line_id, REFUND if back.units else LET_GO, some, back.to_buyer))
        for name, part in back.parts.items():
            left[name] -= part
        assert min(left.values()) >= 0 and line.claimed == 0

    for some, promille in told:
        if line.refunded + some <= units:
            whole = shared_back(Back(line.line_id, CANCEL, some), line, left).to_buyer
            before = line.refunded
            give(some, whole * promille // 1000)
            assert line.refunded == before or promille == 1000 or whole * promille // 1000 == whole
    if line.refunded < units:
        give(units - line.refunded, None)
    assert line.refunded == units and line.refunded_amount == paid and not any(left.values())


def test_the_page_of_a_compensated_order_says_that_a_part_went_back(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=1, price=5800).received()
    compensated(order, 1)
    page = signed_in(app, order.person).open(f"/orders/{order.id}")
    assert "部分退款" in page.text and "已全额退款" not in page.text


def test_what_is_withheld_of_goods_that_came_back_is_nobodys_any_more(app: Flask, client: Client) -> None:
    off = [AdjustmentToPlace(-500, "coupon:x", "platform")]
    order = Bought(client, quantity=2, price=1000, adjustments=off).received()
    for amount, more, granted in ((600, 751, 600), (None, 751, 750)):
        assert order.ask(reason="damaged", amount=more).json["errors"] == {"amount": [750]}, "of its own unit"
        case = order.ask(reason="damaged", amount=amount)
        order.do(order.staff, case, "approval")
        order.do(order.buyer, case, "parcel", **BACK)
        assert order.do(order.staff, case, "arrival").json["refund"]["amount"] == granted
    shares = db.session.query(Share).filter(Share.order_id == order.id, Share.line_id.is_not(None)).order_by(Share.id)
    assert [(one.holder, one.amount, one.withheld) for one in shares] == [
        *(("buyer", 600, 150), ("platform", 200, 50)),
        *(("buyer", 750, 0), ("platform", 250, 0)),
    ]
    assert moved(order) == (0, 2, 2, 1350) and order.stands()[2] == "refunded"
    assert_sound()
