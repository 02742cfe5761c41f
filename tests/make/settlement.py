"""make.settlement: orders that were received or are settled, and shops' accounts in the books."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from app.core import worker
from app.core.db import db, in_transaction
from app.store.fulfilment.actions import move_lines
from app.store.fulfilment.models import RECEIVE, SHIP, Move
from app.store.fulfilment.queries import lines_of
from app.store.orders.models import LineToPlace
from tests.make import order as make

SYSTEM = ("system", None)
SETTLE = ["store.settlement.settle_due_orders"]
BILL = ["store.bills.issue_bills", "store.bills.confirm_bills"]


def receive(order_id: UUID) -> None:
    """All of an order that was not cancelled is sent and received."""
    for kind in (SHIP, RECEIVE):
        moves = [Move(one.line_id, kind, one.quantity - one.cancelled) for one in lines_of(order_id)]
        wanted = [one for one in moves if one.units]
        in_transaction(lambda wanted=wanted: move_lines(order_id, wanted, SYSTEM, "test"))


def received(lines: Sequence[LineToPlace], who: make.Buyer | None = None, **named: object) -> make.MadePurchase:
    """A purchase that was paid, sent and received."""
    bought = make.paid(make.purchase(lines, who, **named))
    for one in bought.placed.orders:
        receive(one.id)
    return bought


def let_windows_pass(days: int = 30) -> None:
    """As if all that is due were due so many days before."""
    earlier = text("UPDATE settlement_due SET due_at = due_at - make_interval(days => :days)")
    in_transaction(lambda: db.session.execute(earlier, {"days": days}))


def settle() -> int:
    """Run the sweep until it finds nothing more."""
    return worker.sweep_once(SETTLE)


def settled(lines: Sequence[LineToPlace], who: make.Buyer | None = None, **named: object) -> make.MadePurchase:
    """A purchase that was received and settled."""
    bought = received(lines, who, **named)
    let_windows_pass()
    settle()
    return bought


def billed(shop_id: UUID, *prices: int) -> None:
    """A bill of a week that is over, confirmed by time, with an order for each of `prices`."""
    for price in prices:
        settled([make.line(make.sku(), price, 1, shop_id)])
    age_settlement(7)
    worker.sweep_once(BILL)
    age_settlement(4)
    worker.sweep_once(BILL)


def age_settlement(days: int) -> None:
    """As if all that was settled and billed had been so many days before."""
    for change in (
        "UPDATE settlement_entries SET at = at - make_interval(days => :days) WHERE NOT EXISTS (SELECT 1 FROM"
        " bills_shops t WHERE t.shop_id = settlement_entries.shop_id AND settlement_entries.at < t.billed_until)",
        "UPDATE bills_bills SET confirm_by = confirm_by - make_interval(days => :days)",
    ):
        in_transaction(lambda change=change: db.session.execute(text(change), {"days": days}))
