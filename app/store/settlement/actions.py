"""What is done about orders that are over: wait until little can go back, settle, correct what does go back.

Settling and correcting are one thing: what an order leaves by its rows, less what was entered of it before, is the next
entry. So it may be done again at any time, and an order is never settled twice. Locks are taken in one order: orders
(passed by where somebody changes them now), shops in the order of their ids, the ledger.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import Ref
from app.core.db import changed, db
from app.core.events import emit_all
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.plain import array_of, prepared
from app.store.ledger.actions import JournalToPost, post_journal, post_journals
from app.store.ledger.queries import shop_account
from app.store.settlement.events import OrderSettled, SettlementCorrected
from app.store.settlement.models import (
    COLUMNS,
    CORRECTION,
    DEPOSIT,
    LEAST_WINDOW,
    ORDER,
    SUPPLY,
    Columns,
    Due,
    Entry,
    Standing,
)
from app.store.settlement.queries import (
    NOTHING_BEFORE,
    TAKE,
    Before,
    Reckoning,
    entered,
    left_in_books,
    owed_account,
    reckoned,
    settled_account,
)

log = structlog.get_logger("settlement")
AGAIN_AFTER = timedelta(hours=1)
SETTLEMENT, SETTLED, DEPOSIT_OUT, DEPOSIT_IN = "settlement", "order_settled", "deposit_out", "deposit_in"


def settle_later(order_ids: Sequence[UUID]) -> int:
    """These orders are over: they are settled once their time for after-sales is, all cancelled ones at once. Answers
    how many are due now; those that were settled or are due already stay as they are."""
    given = {"ids": array_of(order_ids), "least": LEAST_WINDOW, "ahead": clock.ahead()}
    return _SETTLE_LATER.changed(**given)


def wait_again(order_id: UUID) -> None:
    """An order is not over after all: it is settled once it is (settle_later)."""
    _WAIT_AGAIN.changed(id=order_id)


def look_again(order_id: UUID) -> None:
    """Something of an order has changed: if it is settled, its books follow with the next sweep."""
    _LOOK_AGAIN.changed(id=order_id, ahead=clock.ahead())


def settle_due(most: int = 100) -> int:
    """Settle orders whose time has come, correct settled ones that have changed; answers how many. A sweep.

    An order that somebody changes now is passed by, and one with an open after-sales case until it has ended.
    """
    taken = _TAKE_DUE.rows(most=most, ahead=clock.ahead())
    order_ids = sorted({row.order_id for row in taken})
    if not order_ids:
        return 0
    found, before = reckoned(order_ids), entered(order_ids)
    wrong = _wrong_in_books(list(found.values()), before)
    _enter([one for one in found.values() if one.order_id not in wrong], before)
    _put_off(wrong)
    done = [row.id for row in taken if row.order_id not in wrong]
    db.session.execute(delete(Due).where(Due.id.in_(done)))
    reach("sweep.before_commit")
    return len(done)


def lock_standing(shop_id: UUID) -> Standing:
    """How a shop stands; until this transaction ends nobody else enters anything for it."""
    [standing] = _locked({shop_id}).values()
    return standing


def pay_out(shop_id: UUID, most: int, subject: Ref, into: str) -> int:
    """Take up to `most` 分 of what a shop is to be paid out into the account `into`; answers how much there was."""
    standing = lock_standing(shop_id)
    amount = min(most, standing.settled)
    if amount > 0:
        standing.settled -= amount
        db.session.flush()
        post_journal("payout_begun", subject, [(settled_account(shop_id), amount), (into, -amount)])
    return max(amount, 0)


def take_back_payout(shop_id: UUID, amount: int, subject: Ref, out_of: str) -> None:
    """A payout has failed: its money is the shop's again, less what the shop owes by now. It is in no bill, as those
    that the payout should have paid are to be paid again."""
    standing = lock_standing(shop_id)
    _take_in("payout_failed", standing, amount, subject, out_of)


def enter_deposit(shop_id: UUID, amount: int, subject: Ref, out_of: str) -> None:
    """A shop takes `amount` 分 out of its deposit (the account `out_of`): it stands in its next bill, and is paid out
    with that, less what the shop owes."""
    standing = lock_standing(shop_id)
    _enter_deposit(standing, amount, subject, out_of)


def move_into_deposit(shop_id: UUID, most: int, subject: Ref, into: str) -> int:
    """Up to `most` 分 of what a shop is to be paid out goes into its deposit (the account `into`), which its next bill
    says; answers how much there was."""
    standing = lock_standing(shop_id)
    amount = min(most, standing.settled)
    if amount > 0:
        _enter_deposit(standing, -amount, subject, into)
    return amount


def _enter_deposit(standing: Standing, amount: int, subject: Ref, account: str) -> None:
    shop_id, at = standing.shop_id, _now()
    to_settled, of_debts = _take_in(DEPOSIT_OUT if amount > 0 else DEPOSIT_IN, standing, amount, subject, account)
    amounts = dict.fromkeys((*COLUMNS, "fee_base"), 0) | {"deposit": amount, "net": amount}
    parts = {"to_settled": to_settled, "of_debts": of_debts}
    about = {"settlement_id": subject.id, "shop_id": shop_id, "kind": DEPOSIT, "number": 1, "at": at}
    db.session.add(Entry(id=new_id(), **about, **amounts, **parts))
    db.session.flush()


def _take_in(kind: str, standing: Standing, amount: int, subject: Ref, out_of: str) -> tuple[int, int]:
    """What of it is to be paid out, and what paid debts; `kind` of the journal."""
    to_settled, of_debts = standing.take(amount)
    db.session.flush()
    parts = [(settled_account(standing.shop_id), -to_settled), (owed_account(standing.shop_id), -of_debts)]
    post_journal(kind, subject, [(out_of, amount), *(one for one in parts if one[1])])
    return to_settled, of_debts


def _wrong_in_books(found: Sequence[Reckoning], before: dict[tuple[UUID, UUID], Before]) -> dict[UUID, str]:
    """Orders whose ledger says something else than their rows: their money stays where it is, until people look."""
    if not found:
        return {}
    books = left_in_books([(one.order_id, one.shop_id) for one in found])
    wrong = {}
    for one in found:
        entered_before = before.get((one.order_id, one.shop_id), NOTHING_BEFORE).columns
        due = (one.parts[one.shop_id] - entered_before).held
        if -books[one.order_id] != due:
            wrong[one.order_id] = f"rows say {due}, the ledger {-books[one.order_id]}"
    return wrong


def _put_off(wrong: dict[UUID, str]) -> None:
    for order_id, problem in wrong.items():
        log.error("order_not_settled", order_id=str(order_id), problem=problem)
        later = {"due_at": clock.db_now() + AGAIN_AFTER, "problem": problem}
        changed(update(Due).where(Due.order_id == order_id).values(**later))


def _enter(found: Sequence[Reckoning], before: dict[tuple[UUID, UUID], Before]) -> None:
    changes = {one.order_id: _changes(one, before) for one in found}
    standings = _locked({shop_id for parts in changes.values() for shop_id in parts})
    at = _now()
    journals: list[JournalToPost] = []
    facts: list[OrderSettled | SettlementCorrected] = []
    for one in found:
        if not changes[one.order_id]:
            continue
        made = [_entry(one, shop_id, part, before, at) for shop_id, part in changes[one.order_id].items()]
        journals.append(_posted(one, made, standings))
        is_first = (one.order_id, one.shop_id) not in before
        facts.append(OrderSettled(one.order_id) if is_first else SettlementCorrected(one.order_id))
    db.session.flush()
    post_journals([one for one in journals if one.entries])
    emit_all(facts)


def _changes(one: Reckoning, before: dict[tuple[UUID, UUID], Before]) -> dict[UUID, Columns]:
    """What is to be entered for whom. Of an order of which nothing was left from the beginning, nothing is."""
    is_first = (one.order_id, one.shop_id) not in before
    if is_first and not one.parts[one.shop_id].held and not one.fee_base:
        return {}
    found = {
        shop_id: columns - before.get((one.order_id, shop_id), NOTHING_BEFORE).columns
        for shop_id, columns in one.parts.items()
    }
    return {shop_id: columns for shop_id, columns in found.items() if columns}


def _entry(of: Reckoning, shop_id: UUID, part: Columns, before: dict[tuple[UUID, UUID], Before], at: datetime) -> Entry:
    known = before.get((of.order_id, shop_id), NOTHING_BEFORE)
    is_own = shop_id == of.shop_id
    amounts: dict[str, Any] = {name: getattr(part, name) for name in COLUMNS}
    amounts |= {"net": part.net, "fee_base": of.fee_base - known.fee_base if is_own else 0}
    kind = SUPPLY if not is_own else CORRECTION if known.number else ORDER
    about = {"order_id": of.order_id, "shop_id": shop_id, "kind": kind, "number": known.number + 1, "at": at}
    return Entry(id=new_id(), **about, **amounts)


def _posted(of: Reckoning, made: Sequence[Entry], standings: dict[UUID, Standing]) -> JournalToPost:
    """The entries with their parts, and the journal of them all: the held money goes to those whose it is."""
    settlement_id = new_id()
    entries: list[tuple[str, int]] = []
    for one in made:
        one.settlement_id = settlement_id
        one.to_settled, one.of_debts = standings[one.shop_id].take(one.net)
        entries += [(settled_account(one.shop_id), -one.to_settled), (owed_account(one.shop_id), -one.of_debts)]
        if one.shop_id == of.shop_id:
            entries += [(shop_account(of.shop_id), one.net - one.fee - one.supply), (TAKE, one.fee)]
    db.session.add_all(made)
    return JournalToPost(SETTLED, Ref(SETTLEMENT, settlement_id), [one for one in entries if one[1]])


def _now() -> datetime:
    """To be read after the locks: so nothing is entered in a period that a bill has closed (bills)."""
    at: datetime = db.session.execute(select(func.clock_timestamp() + clock.ahead())).scalar_one()
    return at


def _locked(shop_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """How these shops stand, locked in the order of their ids until this transaction ends."""
    if not shop_ids:
        return {}
    fresh = [{"shop_id": one, "settled": 0, "owed": 0} for one in sorted(shop_ids)]
    db.session.execute(insert(Standing).values(fresh).on_conflict_do_nothing())
    wanted = select(Standing).where(Standing.shop_id.in_(shop_ids)).order_by(Standing.shop_id).with_for_update()
    rows = db.session.scalars(wanted, execution_options={"populate_existing": True})
    return {one.shop_id: one for one in rows}


_SETTLE_LATER = prepared(
    "INSERT INTO settlement_due (order_id, due_at)"
    " SELECT f.order_id, CASE WHEN f.fulfilment = 'received' THEN coalesce(f.received_at, now() + :ahead)"
    "   + greatest(CAST(:least AS interval), make_interval(days => CAST((SELECT max(l.return_days) FROM orders_lines l"
    "    WHERE l.order_id = f.order_id) AS integer))) ELSE now() + :ahead END"
    " FROM fulfilment_orders f WHERE f.order_id = ANY(CAST(:ids AS uuid[]))"
    "  AND f.fulfilment IN ('received', 'cancelled')"
    "  AND NOT EXISTS (SELECT 1 FROM settlement_due d WHERE d.order_id = f.order_id)"
    "  AND NOT EXISTS (SELECT 1 FROM settlement_entries e WHERE e.order_id = f.order_id)"
)
_WAIT_AGAIN = prepared(
    "DELETE FROM settlement_due WHERE order_id = :id"
    " AND NOT EXISTS (SELECT 1 FROM settlement_entries e WHERE e.order_id = :id)"
)
_LOOK_AGAIN = prepared(
    "INSERT INTO settlement_due (order_id, due_at) SELECT CAST(:id AS uuid), now() + :ahead"
    " WHERE EXISTS (SELECT 1 FROM settlement_entries e WHERE e.order_id = :id)"
)
_TAKE_DUE = prepared(
    "SELECT d.id, d.order_id FROM settlement_due d JOIN fulfilment_orders f ON f.order_id = d.order_id"
    " WHERE d.due_at <= now() + :ahead AND (f.aftersale <> 'open'"
    "  OR EXISTS (SELECT 1 FROM settlement_entries e WHERE e.order_id = d.order_id))"
    " ORDER BY d.due_at, d.id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED"
)
