"""Settlement: when money becomes the shop's, how much of it, and that the books say the same as the rows."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.core import worker
from app.core.caller import PERSON, Ref
from app.core.db import db, in_transaction
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import CANCEL, CLAIM, LET_GO, PAY, REFUND, Move
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import balance, is_balanced, shop_account
from app.store.orders.models import AdjustmentToPlace, LineToPlace, Parcel
from app.store.refunds.actions import cancel_order, grant
from app.store.refunds.models import Back
from app.store.settlement import actions
from app.store.settlement.models import COLUMNS, Due, Entry
from app.store.settlement.queries import TAKE, fee_of, owed_account, settled_account, standing_of
from tests import make as town
from tests.make import order as make
from tests.make.settlement import SETTLE, let_windows_pass, receive, received, settle, settled
from tests.store.counting import queries_in
from tests.store.racing import together

SYSTEM = ("system", None)


def entries(order_id: UUID) -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.order_id == order_id).order_by(Entry.at, Entry.number)))


def columns(entry: Entry) -> dict[str, int]:
    """The columns that are not 0."""
    return {one: getattr(entry, one) for one in COLUMNS if getattr(entry, one)}


def give_back(order_id: UUID, *backs: Back, freight: int | None = 0) -> int:
    return in_transaction(lambda: grant(order_id, backs, Ref("case", uuid4()), SYSTEM, "test", freight).amount)


def refund(order_id: UUID, units: int = 1) -> int:
    """Units of its first line, received, that are refunded and kept."""
    line = make.line_ids(order_id)[0]
    in_transaction(lambda: move_lines(order_id, [Move(line, CLAIM, units)], SYSTEM, ""))
    return give_back(order_id, Back(line, REFUND, units))


def assert_books(*shops: UUID) -> None:
    """What is stored of shops is what the ledger says, and all of it sums to zero."""
    db.session.rollback()
    assert is_balanced()
    for one in shops:
        standing = standing_of(one)
        assert (balance(settled_account(one)), balance(owed_account(one))) == (-standing.settled, standing.owed)


def test_money_is_held_until_receipt_and_the_time_for_aftersales_are_over(app: Flask) -> None:
    shop = uuid4()
    goods = [make.line(make.sku(), 1000, 2, shop, take_rate=500, return_days=7), make.line(make.sku(), 50, 1, shop)]
    bought = make.paid(make.purchase(goods))
    order_id = bought.placed.orders[0].id
    let_windows_pass()
    assert settle() == 0, "its buyer has nothing yet"
    receive(order_id)
    for days in (6, 1):
        assert settle() == 0
        let_windows_pass(days)
    assert settle() == 1
    assert balance(shop_account(shop)) == 0
    [entry] = entries(order_id)
    assert columns(entry) == {"goods": 2050, "fee": -100}
    assert (entry.kind, entry.net, entry.fee_base, entry.to_settled) == ("order", 1950, 2050, 1950)
    assert balance(settled_account(shop)) == -1950
    let_windows_pass()
    assert settle() == 0 and len(entries(order_id)) == 1
    assert_books(shop)


def test_goods_that_cannot_go_back_are_held_for_a_day(app: Flask) -> None:
    bought = received([make.line(make.sku(), 1000, 1, return_days=0)])
    held = text(
        "SELECT d.due_at - f.received_at FROM settlement_due d JOIN fulfilment_orders f USING (order_id)"
        " WHERE order_id = :id"
    )
    found = db.session.execute(held, {"id": bought.placed.orders[0].id}).scalar_one()
    assert found.total_seconds() == 86400


def test_every_column_of_an_order_stands_in_its_entry(app: Flask) -> None:
    shop, fees, funder = uuid4(), balance(TAKE), balance("funder:platform")
    off = [AdjustmentToPlace(-300, "C1"), AdjustmentToPlace(-200, "K1", "platform")]
    parcel = Parcel(800, [AdjustmentToPlace(-100, "C2"), AdjustmentToPlace(-50, "K2", "platform")])
    goods = [make.line(make.sku(), 3333, 3, shop, take_rate=333, adjustments=off)]
    bought = received(goods, parcels={shop: parcel})
    order_id = bought.placed.orders[0].id
    back = refund(order_id)
    let_windows_pass()
    settle()
    [entry] = entries(order_id)
    kept = 9999 - 300 - back - 67
    assert columns(entry) == {
        "goods": 9999,
        "shop_discounts": -300,
        "other_discounts": -250,
        "funded": 250,
        "freight": 800,
        "freight_discounts": -100,
        "refunded": -back,
        "refunded_to_funders": -67,
        "fee": -fee_of(333, kept),
    }
    assert (entry.fee_base, balance(TAKE) - fees) == (kept, -fee_of(333, kept))
    assert balance("funder:platform") - funder == 250 - 67
    assert balance(shop_account(shop)) == 0
    assert_books(shop)


@pytest.mark.parametrize(("rate", "kept", "fee"), [(500, 10, 1), (500, 9, 0), (1, 4999, 0), (1, 5000, 1), (0, 99, 0)])
def test_a_fee_is_rounded_half_up(rate: int, kept: int, fee: int) -> None:
    assert fee_of(rate, kept) == fee


def test_an_open_case_freezes_an_order_until_it_ends(app: Flask) -> None:
    bought, other = received([make.line(make.sku(), 1000, 1)]), received([make.line(make.sku(), 1000, 1)])
    order_id = bought.placed.orders[0].id
    [line] = make.line_ids(order_id)
    in_transaction(lambda: move_lines(order_id, [Move(line, CLAIM, 1)], SYSTEM, ""))
    let_windows_pass()
    assert settle() == 1 and entries(other.placed.orders[0].id) and not entries(order_id)
    in_transaction(lambda: move_lines(order_id, [Move(line, LET_GO, 1)], SYSTEM, ""))
    assert settle() == 1 and entries(order_id)


def test_a_cancelled_order_leaves_nothing_to_settle_but_what_it_cost_its_shop(app: Flask) -> None:
    shop, who = town.shop(), town.person()
    buyer = make.Buyer(who.token, Ref(PERSON, who.id))
    cancelled, late = (make.paid(make.purchase([make.line(make.sku(), 4000, 1, shop.id)], buyer)) for _ in range(2))
    late_id = late.placed.orders[0].id
    overdue = text("UPDATE fulfilment_orders SET ship_by = now() - interval '1 hour' WHERE order_id = :id")
    in_transaction(lambda: db.session.execute(overdue, {"id": late_id}))
    assert worker.sweep_once(["store.lateness.compensate_late_orders"]) == 1
    for one in (cancelled, late):
        in_transaction(lambda one=one: cancel_order(buyer.caller, one.placed.orders[0].id, ""))
    assert settle() == 2, "at once"
    assert entries(cancelled.placed.orders[0].id) == []
    [entry] = entries(late_id)
    assert columns(entry) == {"goods": 4000, "refunded": -4000, "late": -200}
    assert (balance(shop_account(shop.id)), balance(owed_account(shop.id))) == (0, 200)
    settled([make.line(make.sku(), 1000, 1, shop.id)])
    assert (balance(owed_account(shop.id)), balance(settled_account(shop.id))) == (0, -800), "debts are paid first"
    assert_books(shop.id)


def test_what_goes_back_later_is_a_correction_with_its_part_of_the_fee(app: Flask) -> None:
    shop = uuid4()
    bought = settled([make.line(make.sku(), 1000, 3, shop, take_rate=1000)])
    order_id = bought.placed.orders[0].id
    assert balance(settled_account(shop)) == -2700
    fees = balance(TAKE)
    assert refund(order_id) == 1000
    assert settle() == 1
    _, correction = entries(order_id)
    assert columns(correction) == {"refunded": -1000, "fee": 100}
    assert (correction.kind, correction.number, correction.fee_base) == ("correction", 2, -1000)
    assert (balance(settled_account(shop)), balance(TAKE) - fees) == (-1800, 100)
    assert balance(shop_account(shop)) == 0
    assert_books(shop)


def test_what_was_paid_out_already_is_owed_and_taken_from_what_is_settled_next(app: Flask) -> None:
    shop = uuid4()
    bought = settled([make.line(make.sku(), 1000, 2, shop)])
    subject = Ref("payout", uuid4())
    assert in_transaction(lambda: actions.pay_out(shop, 1500, subject, "payouts:due")) == 1500
    refund(bought.placed.orders[0].id)
    settle()
    _, correction = entries(bought.placed.orders[0].id)
    assert (correction.to_settled, correction.of_debts) == (-500, -500)
    assert (balance(settled_account(shop)), balance(owed_account(shop))) == (0, 500)
    in_transaction(lambda: actions.take_back_payout(shop, 1500, subject, "payouts:due"))
    assert (balance(settled_account(shop)), balance(owed_account(shop))) == (-1000, 0)
    assert_books(shop)


def test_a_supplier_gets_his_price_of_what_was_kept(app: Flask) -> None:
    shop, supplier = uuid4(), uuid4()
    supplied = {"supplier_id": supplier, "supply_price": 600, "take_rate": 1000}
    bought = received([make.line(make.sku(), 1000, 3, shop, **supplied), make.line(make.sku(), 100, 1, shop)])
    order_id = bought.placed.orders[0].id
    refund(order_id)
    let_windows_pass()
    settle()
    by_shop = {one.shop_id: one for one in entries(order_id)}
    assert columns(by_shop[shop]) == {"goods": 3100, "refunded": -1000, "fee": -200, "supply": -1200}
    assert (by_shop[supplier].kind, columns(by_shop[supplier])) == ("supply", {"supply": 1200})
    refund(order_id)
    settle()
    assert balance(settled_account(supplier)) == -600
    assert balance(settled_account(shop)) == -(3100 - 2000 - 100 - 600)
    assert_books(shop, supplier)


def test_an_order_whose_books_differ_is_left_alone_and_named(app: Flask) -> None:
    shop = uuid4()
    wrong, right = received([make.line(make.sku(), 1000, 1, shop)]), received([make.line(make.sku(), 70, 1, shop)])
    order_id = wrong.placed.orders[0].id
    by_hand = [(shop_account(shop), 1), (TAKE, -1)]
    in_transaction(lambda: post_journal("late_order", Ref("order", order_id), by_hand))
    let_windows_pass()
    assert settle() == 1
    assert entries(right.placed.orders[0].id) and not entries(order_id)
    assert db.session.scalars(select(Due.problem)).all() == ["rows say 1000, the ledger 999"]


def test_two_sweeps_at_once_settle_each_order_once(app: Flask) -> None:
    shop = uuid4()
    made = [received([make.line(make.sku(), 100, 1, shop, take_rate=100)]) for _ in range(6)]
    let_windows_pass()
    sweep = partial(in_transaction, partial(actions.settle_due, 2))
    assert sum(together(app, *[sweep] * 4)) + settle() == 6
    assert [len(entries(one.placed.orders[0].id)) for one in made] == [1] * 6
    assert balance(settled_account(shop)) == -6 * 99
    assert_books(shop)


def test_a_sweep_that_dies_before_its_commit_has_done_nothing(app: Flask, monkeypatch: Any) -> None:
    shop = uuid4()
    received([make.line(make.sku(), 100, 1, shop)])
    let_windows_pass()

    def dies(point: str) -> None:
        if point == "sweep.before_commit":
            raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "reach", dies)
        with pytest.raises(RuntimeError):
            worker.sweep_once(SETTLE)
    db.session.rollback()
    assert (balance(settled_account(shop)), balance(shop_account(shop))) == (0, -100)
    assert settle() == 1 and balance(settled_account(shop)) == -100


LINES = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(1, 4), st.integers(0, 40), st.integers(0, 40), st.integers(0, 3000)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, freight=st.integers(0, 900), data=st.data())
def test_whatever_happened_to_orders_their_settlement_leaves_nothing_behind(
    app: Flask, lines: list[tuple[int, int, int, int, int]], freight: int, data: st.DataObject
) -> None:
    let_windows_pass()  # what an example left that hypothesis broke off
    settle()
    shop, supplier = uuid4(), uuid4()
    before = (balance(TAKE), {one: balance(f"funder:{one}") for one in ("platform", "bank")})
    goods = [_line(shop, supplier, one, data) for one in lines]
    off = [AdjustmentToPlace(-freight // 3, "F", "platform")] if freight >= 3 else []
    bought = make.paid(make.purchase(goods, parcels={shop: Parcel(freight, off)}))
    order_id = bought.placed.orders[0].id
    _live(order_id, data)
    let_windows_pass()
    settle()
    for line in make.line_ids(order_id):
        if data.draw(st.booleans()):
            _give_some(order_id, line, data)
    settle()
    found = entries(order_id)
    assert balance(shop_account(shop)) == 0
    for one in (shop, supplier):
        net = sum(entry.net for entry in found if entry.shop_id == one)
        assert net == -balance(settled_account(one)) - balance(owed_account(one))
    assert sum(entry.fee for entry in found) == balance(TAKE) - before[0]
    given_by = sum(balance(f"funder:{one}") - was for one, was in before[1].items())
    assert sum(entry.funded + entry.refunded_to_funders for entry in found) == given_by
    assert_books(shop, supplier)


def _line(shop: UUID, supplier: UUID, one: tuple[int, int, int, int, int], data: st.DataObject) -> LineToPlace:
    price, quantity, by_shop, by_others, rate = one
    whole = price * quantity
    shares = [("C", "shop", whole * by_shop // 100), ("K", "platform", whole * by_others // 100)]
    shares.append(("B", "bank", whole * by_others // 200))
    off = [AdjustmentToPlace(-amount, source, funder) for source, funder, amount in shares if amount]
    supplied = {"supplier_id": supplier, "supply_price": price // 2} if data.draw(st.booleans()) else {}
    return make.line(make.sku(), price, quantity, shop, take_rate=rate, adjustments=off, **supplied)


def _live(order_id: UUID, data: st.DataObject) -> None:
    """Some units are cancelled, the rest is received; some of it goes back, with or without its goods."""
    lines = make.line_ids(order_id)
    if data.draw(st.booleans()):
        give_back(order_id, Back(lines[0], CANCEL, 1))
    left = text("SELECT sum(quantity - cancelled) FROM fulfilment_lines WHERE order_id = :id")
    if db.session.execute(left, {"id": order_id}).scalar_one():
        receive(order_id)
        for line in lines:
            _give_some(order_id, line, data)


def _give_some(order_id: UUID, line: UUID, data: st.DataObject) -> None:
    db.session.rollback()
    found = text(
        "SELECT quantity - refunded - claimed AS free, total - refunded_amount AS paid, shipped FROM fulfilment_lines"
        " WHERE line_id = :id"
    )
    free, paid, shipped = db.session.execute(found, {"id": line}).one()
    if data.draw(st.booleans()) and paid > 0:
        give_back(order_id, Back(line, PAY, 0, data.draw(st.integers(1, paid))))
    units = data.draw(st.integers(0, free)) if shipped else 0
    if units:
        in_transaction(lambda: move_lines(order_id, [Move(line, CLAIM, units)], SYSTEM, ""))
        give_back(order_id, Back(line, REFUND, units))


def test_the_sweep_costs_as_many_statements_for_many_orders_as_for_one(app: Flask) -> None:
    counts = []
    for many in (1, 5):
        for _ in range(many):
            received([make.line(make.sku(), 100, 1)])
        let_windows_pass()
        counts.append(_statements_of_a_sweep())
    assert counts[1] - counts[0] <= 4, counts


def _statements_of_a_sweep() -> int:
    with queries_in() as statements:
        in_transaction(actions.settle_due)
    return len(statements)
