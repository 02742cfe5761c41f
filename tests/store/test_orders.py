"""Purchases: placed once, paid once, and never both paid and given back."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import clock, worker
from app.core.caller import Caller, Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused, refusal_of
from app.core.ids import new_id
from app.store.inventory.actions import release_holds
from app.store.inventory.queries import available, units_held, units_sold
from app.store.ledger.queries import balance, entries_about, is_balanced
from app.store.orders import actions
from app.store.orders.models import AdjustmentToPlace, LineToPlace
from app.store.payments import actions as payments
from app.store.payments.queries import PaymentToPay
from app.store.payments.queries import payment as payment_now
from tests.make import order as make
from tests.store.racing import refusals, together

SWEEP = ["store.orders.let_purchases_lapse"]


def _kept(paid: PaymentToPay) -> UUID:
    sent = make.callback(paid)
    return in_transaction(lambda: payments.receive_callback("sandbox", sent.headers, sent.body))


def _tell(paid: PaymentToPay) -> str:
    kept = _kept(paid)
    return str(in_transaction(lambda: payments.settle_callback(kept))["result"])


def _rows(sql: str, **named: object) -> list[Any]:
    found = [tuple(row) for row in db.session.execute(text(sql), named)]
    db.session.rollback()
    return found


def _status(purchase_id: UUID) -> str:
    return str(_rows("SELECT status FROM orders_purchases WHERE id = :id", id=purchase_id)[0][0])


def _log(purchase_id: UUID) -> list[Any]:
    return _rows("SELECT who_kind, before, after FROM orders_log WHERE purchase_id = :id ORDER BY id", id=purchase_id)


def _refunds() -> list[Any]:
    return _rows("SELECT payment_id, amount, reason, state FROM payments_refunds ORDER BY created_at, id")


def _facts(name: str) -> int:
    return int(_rows("SELECT count(*) FROM core_events WHERE name = :name", name=name)[0][0])


def _stock(sku: UUID) -> tuple[int, int, int]:
    """(available, held, sold)"""
    found = tuple(of([sku]).get(sku, 0) for of in (available, units_held, units_sold))
    db.session.rollback()
    return found


def _cancel(of: make.MadePurchase) -> None:
    in_transaction(lambda: actions.cancel_purchase(of.buyer.caller, of.id))


def test_a_purchase_is_one_order_a_shop_and_its_total_is_that_of_its_lines(app: Flask) -> None:
    shop, other, post = new_id(), new_id(), new_id()
    who = {"link_id": new_id(), "post_id": post, "promoter_id": new_id(), "own_purchase": True}
    lines = [
        make.line(make.sku(), 9900, 2, shop, **who),
        make.line(make.sku(), 1, 99, other),
        make.line(make.sku(), 500, 1, shop, adjustments=[AdjustmentToPlace(-120, "C:spring")]),
    ]
    made = make.purchase(lines, address={"name": "小鱼"}, note="轻放")
    assert [(one.shop_id, one.total) for one in made.placed.orders] == [(shop, 20180), (other, 99)]
    assert (made.placed.total, made.placed.status) == (20279, "unpaid")
    assert _rows("SELECT total, address, note FROM orders_purchases") == [(20279, {"name": "小鱼"}, "轻放")]
    stored = _rows(
        "SELECT shop_id, price, quantity, shipped + received + refunded, link_id, post_id, promoter_id, own_purchase"
        " FROM orders_lines ORDER BY position"
    )
    assert stored[0] == (shop, 9900, 2, 0, who["link_id"], post, who["promoter_id"], True)
    assert stored[1] == (other, 1, 99, 0, None, None, None, False)
    assert _rows("SELECT amount, source, funder FROM orders_adjustments") == [(-120, "C:spring", "shop")]
    assert _log(made.id) == [("guest", None, "unpaid")]
    assert _facts("PurchasePlaced") == 1


def test_the_holds_of_a_checkout_go_on_to_its_purchase(app: Flask) -> None:
    sku = make.sku(5)
    made = make.purchase([make.line(sku, quantity=2)])
    assert _stock(sku) == (3, 2, 0)
    assert _rows("SELECT subject_kind, subject_id FROM inventory_holds") == [("purchase", made.id)]
    assert _rows("SELECT h.expires_at = p.pay_by FROM inventory_holds h, orders_purchases p") == [(True,)]


def test_one_checkout_purchased_twenty_times_at_once_is_one_purchase(app: Flask) -> None:
    lines = [make.line(make.sku(5))]
    held, who = make.checkout(lines), make.buyer()

    def place() -> object:
        try:
            return in_transaction(lambda: actions.place_purchase(who.ref, held, lines))
        except IntegrityError as error:
            refused = refusal_of(error)
            assert refused is not None
            raise refused from error

    found = together(app, *[place] * 20)
    assert refusals(found) == ["already_purchased"] * 19
    assert len(_rows("SELECT 1 FROM orders_purchases")) == len(_rows("SELECT 1 FROM orders_lines")) == 1


def test_a_checkout_whose_stock_is_no_longer_held_cannot_be_purchased(app: Flask) -> None:
    sku = make.sku(5)
    held, lines = make.checkout([make.line(sku)]), [make.line(sku)]
    in_transaction(lambda: release_holds(Ref("checkout", held)))
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: actions.place_purchase(make.buyer().ref, held, lines))
    assert (refused.value.status, refused.value.code) == (409, "expired")
    assert _rows("SELECT 1 FROM orders_purchases") == []
    assert _stock(sku) == (5, 0, 0)


def test_a_purchase_needs_a_line_and_no_order_is_below_zero(app: Flask) -> None:
    with pytest.raises(ValueError, match="needs a line"):
        in_transaction(lambda: actions.place_purchase(make.buyer().ref, new_id(), []))
    with pytest.raises(IntegrityError) as error:
        make.purchase([make.line(make.sku(), 100, adjustments=[AdjustmentToPlace(-101, "C")])])
    refused = refusal_of(error.value)
    assert refused is not None
    assert refused.code == "below_zero"


def test_a_paid_purchase_sells_its_stock_and_books_each_order(app: Flask) -> None:
    sku, shop, other = make.sku(5), new_id(), new_id()
    lines = [make.line(sku, 9900, 2, shop), make.line(sku, 9900, 1, other), make.line(make.sku(), 100, 1, shop)]
    made = make.purchase(lines)
    assert _tell(make.payment(made)) == "paid"
    assert _status(made.id) == "paid"
    assert _stock(sku) == (2, 0, 3)
    for order in made.placed.orders:
        entries = entries_about("order_paid", Ref("order", order.id))
        assert entries == [("gateway:sandbox", order.total), (f"shop:{order.shop_id}", -order.total)]
    assert balance("gateway:sandbox") == made.placed.total == -(balance(f"shop:{shop}") + balance(f"shop:{other}"))
    assert is_balanced()
    assert _log(made.id)[-1] == ("payment", "unpaid", "paid")
    assert (_facts("OrderPaid"), _facts("PurchasePaid")) == (2, 1)


def test_what_others_fund_is_owed_to_the_shop_too(app: Flask) -> None:
    shop = new_id()
    off = [AdjustmentToPlace(-300, "C", "platform"), AdjustmentToPlace(-50, "S"), AdjustmentToPlace(-20, "P", "kol")]
    made = make.purchase([make.line(make.sku(), 1000, 1, shop, adjustments=off)])
    assert _tell(make.payment(made)) == "paid"
    entries = entries_about("order_paid", Ref("order", made.placed.orders[0].id))
    assert entries == [("gateway:sandbox", 630), ("funder:platform", 300), ("funder:kol", 20), (f"shop:{shop}", -950)]


def test_a_purchase_of_nothing_to_pay_is_paid_without_a_journal(app: Flask) -> None:
    made = make.purchase([make.line(make.sku(), 0)])
    assert _tell(make.payment(made)) == "paid"
    assert _status(made.id) == "paid"
    assert _rows("SELECT 1 FROM ledger_journals") == []


def test_a_second_payment_that_settles_is_refunded_and_the_purchase_stays_paid_once(app: Flask) -> None:
    made = make.purchase()
    first, second = make.payment(made), make.payment(made)
    found = together(app, lambda: _tell(first), lambda: _tell(second))
    assert found == ["paid", "paid"]
    assert [(amount, reason, state) for _, amount, reason, state in _refunds()] == [(9900, "purchase_paid", "due")]
    assert (_facts("PurchasePaid"), _facts("RefundDue")) == (1, 1)
    assert (balance("gateway:sandbox"), balance("refunds:due")) == (19800, -9900)


def test_an_unpaid_purchase_lapses_and_gives_its_stock_back(app: Flask) -> None:
    sku = make.sku(3)
    made = make.purchase([make.line(sku, quantity=3)])
    assert worker.sweep_once(SWEEP) == 0
    with clock.moved(seconds=1801):
        assert worker.sweep_once(SWEEP) == 1
        assert worker.sweep_once(SWEEP) == 0
    assert (_status(made.id), _stock(sku)) == ("lapsed", (3, 0, 0))
    assert _log(made.id)[-1] == ("system", "unpaid", "lapsed")
    assert _facts("PurchaseLapsed") == 1


@pytest.mark.parametrize("end", ["lapsed", "cancelled"])
def test_a_late_payment_is_refunded_and_revives_nothing(app: Flask, end: str) -> None:
    sku = make.sku(1)
    made = make.purchase([make.line(sku)])
    paid = make.payment(made)
    if end == "cancelled":
        _cancel(made)
    with clock.moved(seconds=1801):
        worker.sweep_once(SWEEP)
    third = make.purchase([make.line(sku)])
    assert _tell(make.payment(third)) == "paid"
    assert _tell(paid) == "paid"
    assert _refunds() == [(paid.id, 9900, f"purchase_{end}", "due")]
    assert (_status(made.id), _status(third.id), _stock(sku)) == (end, "paid", (0, 0, 1))
    assert entries_about("late_payment", Ref("payment", paid.id)) == [("gateway:sandbox", 9900), ("refunds:due", -9900)]
    assert (_facts("PurchasePaid"), is_balanced()) == (1, True)


def test_a_purchase_that_lost_its_stock_is_not_sold_but_refunded(app: Flask) -> None:
    sku = make.sku(1)
    made = make.purchase([make.line(sku)])
    paid = make.payment(made)
    in_transaction(lambda: release_holds(Ref("purchase", made.id)))
    assert _tell(paid) == "paid"
    assert (_status(made.id), _stock(sku)) == ("lapsed", (1, 0, 0))
    assert _refunds() == [(paid.id, 9900, "stock_lost", "due")]
    assert (_facts("PurchasePaid"), _facts("PurchaseLapsed")) == (0, 1)


def test_a_purchase_that_lost_a_part_of_its_stock_is_not_sold_either(app: Flask) -> None:
    kept, lost = make.sku(1), make.sku(1)
    made = make.purchase([make.line(kept), make.line(lost)])
    paid = make.payment(made)
    gone = text("UPDATE inventory_holds SET state = 'released' WHERE sku_id = :sku")
    in_transaction(lambda: db.session.execute(gone, {"sku": lost}))
    assert _tell(paid) == "paid"
    assert (_status(made.id), _stock(kept)) == ("lapsed", (1, 0, 0))
    assert _refunds() == [(paid.id, 19800, "stock_lost", "due")]


def test_every_line_needs_a_hold_of_its_own_also_two_of_one_sku(app: Flask) -> None:
    sku = make.sku(5)
    lines = [make.line(sku), make.line(sku)]
    held = make.checkout(lines[:1])
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: actions.place_purchase(make.buyer().ref, held, lines))
    assert refused.value.code == "expired"


def test_money_that_comes_late_but_before_the_sweep_counts(app: Flask) -> None:
    sku = make.sku(1)
    made = make.purchase([make.line(sku)])
    paid = make.payment(made)
    with clock.moved(seconds=settings.unpaid_seconds + 5):
        kept = in_transaction(lambda: payments.play_outcome(payment_now(paid.id), "paid"))
        assert in_transaction(lambda: payments.settle_callback(kept))["result"] == "paid"
        assert worker.sweep_once(SWEEP) == 0
    assert (_status(made.id), _stock(sku)) == ("paid", (0, 0, 1))


def _exactly_one_happened(made: Sequence[make.MadePurchase], paid: Sequence[PaymentToPay], other: str) -> set[str]:
    """Each is paid with its stock sold, or `other` with its stock back and a refund; answers which there were."""
    refunded = {payment_id for payment_id, *_ in _refunds()}
    sold = {row[0] for row in _rows("SELECT subject_id FROM inventory_holds WHERE state = 'committed'")}
    back = {row[0] for row in _rows("SELECT subject_id FROM inventory_holds WHERE state = 'released'")}
    seen = set()
    for one, payment in zip(made, paid, strict=True):
        is_paid = _status(one.id) == "paid"
        assert is_paid or _status(one.id) == other
        assert (one.id in sold, one.id in back, payment.id in refunded) == (is_paid, not is_paid, not is_paid)
        seen.add("paid" if is_paid else other)
    both = "SELECT o.status, p.status FROM orders_orders o JOIN orders_purchases p ON p.id = o.purchase_id"
    assert all(of_order == of_purchase for of_order, of_purchase in _rows(both))
    assert is_balanced()
    assert balance("gateway:sandbox") == sum(one.amount for one in paid)
    assert balance("refunds:due") == -sum(one.amount for one in paid if one.id in refunded)
    return seen


def test_of_payment_and_lapse_that_meet_exactly_one_happens(app: Flask) -> None:
    sku = make.sku(200)
    made = [make.purchase([make.line(sku)]) for _ in range(200)]
    paid = [make.payment(one) for one in made]
    kept = [_kept(one) for one in paid]
    in_transaction(lambda: db.session.execute(text("UPDATE orders_purchases SET pay_by = created_at")))
    met = threading.Barrier(2)

    def sweep() -> None:
        while _due_in_turn(met):
            in_transaction(lambda: actions.lapse_due(1))

    def settle() -> None:
        for one in kept:
            met.wait()
            in_transaction(lambda one=one: payments.settle_callback(one))
        met.abort()

    together(app, sweep, settle)
    with clock.moved(seconds=1801):
        worker.sweep_once(SWEEP)
    assert _exactly_one_happened(made, paid, "lapsed") == {"paid", "lapsed"}
    available_now, held, sold = _stock(sku)
    assert (available_now + sold, held) == (200, 0)


def _due_in_turn(met: threading.Barrier) -> bool:
    """Wait for the other side, so that both begin each round together; False once it is over."""
    try:
        met.wait()
    except threading.BrokenBarrierError:
        return False
    return True


def test_of_payment_and_cancellation_that_meet_exactly_one_happens(app: Flask) -> None:
    sku = make.sku(100)
    made = [make.purchase([make.line(sku)]) for _ in range(100)]
    paid = [make.payment(one) for one in made]
    kept = [_kept(one) for one in paid]
    met = threading.Barrier(2)

    def cancel() -> None:
        for one in made:
            met.wait()
            with suppress(Refused):
                _cancel(one)

    def settle() -> None:
        for one in kept:
            met.wait()
            in_transaction(lambda one=one: payments.settle_callback(one))

    together(app, cancel, settle)
    _exactly_one_happened(made, paid, "cancelled")


def test_a_cancelled_purchase_gives_its_stock_back_once(app: Flask) -> None:
    sku = make.sku(3)
    made = make.purchase([make.line(sku, quantity=3)])
    found = together(app, *[lambda: _cancel(made)] * 8)
    assert refusals(found) == ["purchase_cancelled"] * 7
    assert (_status(made.id), _stock(sku)) == ("cancelled", (3, 0, 0))
    assert (_facts("PurchaseCancelled"), _log(made.id)[-1]) == (1, ("guest", "unpaid", "cancelled"))


def test_a_purchase_is_paid_and_cancelled_by_its_buyer_only(app: Flask) -> None:
    made = make.purchase()
    strangers = [make.buyer().caller, Caller(person_id=made.buyer.ref.id)]
    for caller in strangers:
        for work in (
            lambda caller=caller: actions.pay_purchase(caller, made.id, "sandbox"),
            lambda caller=caller: actions.cancel_purchase(caller, made.id),
        ):
            with pytest.raises(Refused) as refused:
                in_transaction(work)
            assert refused.value.status == 404
    assert _status(made.id) == "unpaid"


@pytest.mark.parametrize("end", ["paid", "lapsed", "cancelled", "overdue"])
def test_only_an_unpaid_purchase_in_time_can_be_paid(app: Flask, end: str) -> None:
    made = make.purchase()
    if end == "paid":
        _tell(make.payment(made))
    if end == "cancelled":
        _cancel(made)
    with clock.moved(seconds=1801 if end in {"lapsed", "overdue"} else 0):
        if end == "lapsed":
            worker.sweep_once(SWEEP)
        with pytest.raises(Refused) as refused:
            make.payment(made)
    assert (refused.value.status, refused.value.code) == (409, f"purchase_{'lapsed' if end == 'overdue' else end}")


def test_many_that_lapse_at_once_are_swept_by_many_workers_without_a_deadlock(app: Flask) -> None:
    skus = [make.sku(100) for _ in range(4)]
    made = []
    for turn in range(60):
        lines: list[LineToPlace] = [make.line(skus[(turn + step) % 4]) for step in range(3)]
        made.append(make.purchase(lines))
    with clock.moved(seconds=1801):
        together(app, *[lambda: worker.sweep_once(SWEEP)] * 4)
    assert {_status(one.id) for one in made} == {"lapsed"}
    assert [_stock(sku) for sku in skus] == [(100, 0, 0)] * 4
    assert _facts("PurchaseLapsed") == 60
