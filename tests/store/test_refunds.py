"""Money that goes back: refunded unit by unit it adds up to what was paid, and those who gave towards it get theirs."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.money import split
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import CANCEL, CLAIM, PAY, RECEIVE, REFUND, SHIP, LineProgress, Move
from app.store.inventory.queries import available
from app.store.ledger.queries import REFUNDS_DUE, balance, shop_account
from app.store.orders.models import AdjustmentToPlace, LineToPlace, Parcel
from app.store.refunds import actions
from app.store.refunds.models import BUYER, Back
from app.store.refunds.queries import grants_of, shared_back
from app.store.shops.models import AFTER_SALES, PACKER
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.store.racing import refusals, together

SYSTEM = ("system", None)


def paid(lines: list[LineToPlace], **named: object) -> make.MadePurchase:
    return make.paid(make.purchase(lines, **named))


def grant(order_id: UUID, *backs: Back, freight: int | None = 0) -> int:
    """Grants it, as some case would; answers what the buyer gets."""
    subject = Ref("case", uuid4())
    return in_transaction(lambda: actions.grant(order_id, backs, subject, SYSTEM, "test", freight).amount)


@settings(max_examples=300)
@given(
    paid_for=st.integers(0, 10**9),
    funded=st.integers(0, 10**6),
    units=st.integers(1, 12),
    data=st.data(),
)
def test_in_whatever_portions_a_line_goes_back_the_sum_is_exact(
    paid_for: int, funded: int, units: int, data: st.DataObject
) -> None:
    line = LineProgress(
        line_id=uuid4(),
        quantity=units,
        total=paid_for,
        shipped=0,
        received=0,
        claimed=0,
        cancelled=0,
        returned=0,
        refunded=0,
        refunded_amount=0,
    )
    left = {BUYER: paid_for, "platform": funded}
    while line.refunded < units:
        some = data.draw(st.integers(1, units - line.refunded))
        back = shared_back(Back(line.line_id, CANCEL, some), line, left)
        left = {name: left[name] - back.parts[name] for name in left}
        assert min(left.values()) >= 0
        assert line.move(Move(line.line_id, CANCEL, some, back.to_buyer))
    assert left == {BUYER: 0, "platform": 0}
    assert line.refunded_amount == paid_for


def test_a_platform_coupon_over_three_shops_goes_back_to_the_last_fen_and_to_its_funder(app: Flask) -> None:
    """The issue's figures: 30.00 over lines of 100.00, 33.33 and 0.01 of three shops."""
    prices = (10000, 3333, 1)
    shares = split(3000, prices)
    before = balance("funder:platform")
    lines = [
        make.line(make.sku(), price, 1, adjustments=[AdjustmentToPlace(-share, "K1", "platform")] if share else [])
        for price, share in zip(prices, shares, strict=True)
    ]
    bought = paid(lines)
    assert sum(shares) == 3000 and bought.placed.total == 13334 - 3000
    assert balance("funder:platform") - before == 3000
    back = [grant(one.id, Back(make.line_ids(one.id)[0], CANCEL, 1)) for one in bought.placed.orders]
    assert sum(back) == bought.placed.total
    assert balance("funder:platform") == before
    assert [balance(shop_account(one.shop_id)) for one in bought.placed.orders] == [0, 0, 0]
    with pytest.raises(Refused) as refused:
        grant(bought.placed.orders[0].id, Back(make.line_ids(bought.placed.orders[0].id)[0], PAY, 0, 1))
    assert (refused.value.status, refused.value.code) == (422, "refund_too_large")


def test_unit_by_unit_the_refunds_sum_to_what_was_paid(app: Flask) -> None:
    off = [AdjustmentToPlace(-100, "C1"), AdjustmentToPlace(-50, "K1", "platform")]
    bought = paid([make.line(make.sku(), 3333, 3, adjustments=off)])
    order_id = bought.placed.orders[0].id
    [line] = make.line_ids(order_id)
    assert sum(grant(order_id, Back(line, CANCEL, 1)) for _ in range(3)) == 3333 * 3 - 150
    assert [one.amount for one in grants_of(order_id)] == [3283, 3283, 3283]


def test_a_part_of_the_money_takes_as_large_a_part_of_what_a_funder_gave(app: Flask) -> None:
    before = balance("funder:platform")
    bought = paid([make.line(make.sku(), 10000, 1, adjustments=[AdjustmentToPlace(-2000, "K1", "platform")])])
    order_id = bought.placed.orders[0].id
    [line] = make.line_ids(order_id)
    in_transaction(lambda: move_lines(order_id, [Move(line, SHIP, 1), Move(line, CLAIM, 1)], SYSTEM, ""))
    assert grant(order_id, Back(line, REFUND, 1, 4000)) == 4000
    assert balance("funder:platform") - before == 1000


def test_money_for_no_unit_lessens_what_its_units_bring_later(app: Flask) -> None:
    bought = paid([make.line(make.sku(), 1000, 3)])
    order_id = bought.placed.orders[0].id
    [line] = make.line_ids(order_id)
    assert grant(order_id, Back(line, PAY, 0, 300)) == 300
    assert [grant(order_id, Back(line, CANCEL, 1)) for _ in range(3)] == [900, 900, 900]


def test_one_subject_is_granted_once(app: Flask) -> None:
    bought = paid([make.line(make.sku(), 1000, 2)])
    order_id, subject = bought.placed.orders[0].id, Ref("case", uuid4())
    back = [Back(make.line_ids(order_id)[0], CANCEL, 1)]
    first, again = (in_transaction(lambda: actions.grant(order_id, back, subject, SYSTEM, "test").id) for _ in range(2))
    assert first == again and len(grants_of(order_id)) == 1


def test_the_freight_goes_back_where_nothing_is_sent_and_stays_where_something_is(app: Flask) -> None:
    shop = uuid4()
    for shipped, freight in ((0, 800), (1, 0)):
        goods = [make.line(make.sku(), 1000, 2, shop)]
        bought = paid(goods, parcels={shop: Parcel(1000, [AdjustmentToPlace(-200, "F1", "platform")])})
        assert bought.placed.total == 2800
        order_id = bought.placed.orders[0].id
        if shipped:
            move = [Move(make.line_ids(order_id)[0], SHIP, 1)]
            in_transaction(lambda order_id=order_id, move=move: move_lines(order_id, move, SYSTEM, ""))
        made = in_transaction(lambda b=bought, o=order_id: actions.cancel_order(b.buyer.caller, o, "changed my mind"))
        assert (made.freight, made.amount) == (freight, freight + 1000 * (2 - shipped))


def test_what_is_cancelled_is_for_sale_again_and_is_cancelled_once(app: Flask, client: Client) -> None:
    sku = make.sku(stock=5)
    due = balance(REFUNDS_DUE)
    bought = paid([make.line(sku, 1000, 3)])
    path = f"/orders/{bought.placed.orders[0].id}/cancellation"
    buyer = client.as_(bought.buyer.token)
    assert available([sku])[sku] == 2
    assert buyer.post(path, {}).status_code == 400, "it spends: a key is needed"
    done = buyer.post(path, {"reason": "拍错了"}, key="cancel-1")
    assert done.status_code == 201 and done.json["amount"] == 3000
    assert (done.json["order"]["payment"], done.json["order"]["fulfilment"]) == ("refunded", "cancelled")
    assert buyer.post(path, {"reason": "拍错了"}, key="cancel-1").json == done.json
    refused = buyer.post(path, {}, key="cancel-2")
    assert (refused.status_code, refused.json["code"]) == (409, "cancelled")
    assert available([sku])[sku] == 5
    assert balance(REFUNDS_DUE) - due == -3000
    [refund] = buyer.get(f"/purchases/{bought.id}").json["refunds"]
    assert refund["amount"] == 3000


def test_who_may_cancel_an_order(app: Flask, client: Client) -> None:
    shop = town.shop()
    bought = paid([make.line(make.sku(), 1000, 1, shop.id)])
    path = f"/orders/{bought.placed.orders[0].id}/cancellation"
    packer, server = town.worker(shop, PACKER), town.worker(shop, AFTER_SALES)
    assert client.as_(town.person().token).post(path, {}, key="a").status_code == 404
    assert client.as_(packer.token).post(path, {}, key="b").status_code == 403
    assert client.as_(server.token).post(path, {"reason": "缺货"}, key="c").status_code == 201


def test_of_two_refunds_of_one_unit_at_once_one_wins(app: Flask) -> None:
    for _ in range(4):
        bought = paid([make.line(make.sku(), 1000, 1)])
        order_id = bought.placed.orders[0].id
        [line] = make.line_ids(order_id)
        done = together(app, *(partial(grant, order_id, Back(line, CANCEL, 1)) for _ in range(2)))
        assert refusals(done) == ["wrong_quantity"]
        assert sum(one.amount for one in grants_of(order_id)) == 1000


def test_every_journal_of_a_refund_sums_to_zero_and_names_its_grant(app: Flask) -> None:
    bought = paid([make.line(make.sku(), 1000, 1)])
    made = in_transaction(
        lambda: actions.cancel_order(Caller(guest_id=bought.buyer.ref.id), bought.placed.orders[0].id, "")
    )
    rows = db.session.execute(
        text(
            "SELECT a.name, e.amount FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
            " JOIN ledger_journals j ON j.id = e.journal_id WHERE j.kind = 'order_refunded' AND j.subject_id = :id"
        ),
        {"id": made.id},
    ).all()
    shop = bought.placed.orders[0].shop_id
    assert {row[0]: row[1] for row in rows} == {shop_account(shop): 1000, REFUNDS_DUE: -1000}


def test_a_refused_cancellation_says_why(app: Flask, client: Client) -> None:
    for moves, code in (([SHIP], "shipped"), ([CLAIM], "claimed"), ([SHIP, RECEIVE], "shipped"), ([], "cancelled")):
        bought = paid([make.line(make.sku(stock=5), 1000, 1)])
        order_id = bought.placed.orders[0].id
        path, buyer = f"/orders/{order_id}/cancellation", client.as_(bought.buyer.token)
        moved = [Move(make.line_ids(order_id)[0], kind, 1) for kind in moves]
        in_transaction(lambda order_id=order_id, moved=moved: move_lines(order_id, moved, SYSTEM, ""))
        if not moves:
            assert buyer.post(path, {}, key=uuid4().hex).status_code == 201
        refused = buyer.post(path, {}, key=uuid4().hex)
        assert (refused.status_code, refused.json["code"]) == (409, code)
