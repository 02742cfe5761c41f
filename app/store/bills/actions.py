"""What is done about bills: issue them once their period is over, confirm them, mark them paid.

A bill holds exactly the entries of its period: entries are stamped while their shop's row of settlement is locked, and
the same lock is held here. So whoever comes after a bill is stamped after its end.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import SYSTEM, Caller
from app.core.db import changed, db
from app.core.errors import Refused
from app.core.events import emit
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.plain import prepared
from app.store.bills.events import BillConfirmed, BillIssued
from app.store.bills.models import (
    CONFIRM_WITHIN,
    CONFIRMED,
    ISSUED,
    MONTH,
    PAID,
    WEEK,
    Bill,
    BillLog,
    BillTerms,
    period_around,
)
from app.store.bills.queries import bill_or_missing, terms_of, totals_between
from app.store.settlement.models import Entry
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right

Who = tuple[str, UUID | None]
NOBODY: Who = (SYSTEM, None)


def issue_due(most: int = 20) -> int:
    """Issue bills of periods that are over, one a shop; answers how many. A sweep: what is left comes at once again."""
    now = _now()
    began = {"week": period_around(now, WEEK)[0], "month": period_around(now, MONTH)[0]}
    found = [row.shop_id for row in _UNBILLED.rows(most=most, **began)]
    for shop_id in found:
        _issue(shop_id, now)
    reach("sweep.before_commit")
    return len(found)


def confirm(caller: Caller, shop_id: UUID, bill_id: UUID) -> Bill:
    """The shop agrees with a bill; again changes nothing. Raises Refused 404, 403 without the right to see to money."""
    require_right(shop_id, caller.person, MONEY)
    bill = bill_or_missing(shop_id, bill_id)
    _confirm(bill, caller.ref or NOBODY, "confirmed by the shop")
    return bill


def confirm_due(most: int = 50) -> int:
    """Confirm bills for shops that say nothing; answers how many. A sweep."""
    due = select(Bill).where(Bill.state == ISSUED, Bill.confirm_by <= clock.db_now()).order_by(Bill.confirm_by)
    found = db.session.scalars(due.limit(most).with_for_update(skip_locked=True)).all()
    for bill in sorted(found, key=lambda one: (one.shop_id, one.begins)):  # the order in which payouts lock shops
        _confirm(bill, NOBODY, "no objection in time")
    reach("sweep.before_commit")
    return len(found)


def mark_paid(bill_ids: Collection[UUID], who: Who, why: str) -> None:
    """What was to be paid of confirmed bills is paid. Raises Refused 409 "wrong_state" for others."""
    for bill_id in sorted(bill_ids):
        _step(bill_id, CONFIRMED, PAID, who, why, paid_at=clock.db_now())


def choose_period(caller: Caller, shop_id: UUID, period: str) -> BillTerms:
    """A bill a week, or one a month; what is over already gets its bill as it was. Raises Refused 404, 403."""
    require_right(shop_id, caller.person, MONEY)
    chosen = insert(BillTerms).values(shop_id=shop_id, period=period)
    db.session.execute(chosen.on_conflict_do_update(index_elements=[BillTerms.shop_id], set_={"period": period}))
    return terms_of(shop_id)


def require_state(bill: Bill, state: str) -> None:
    """Raises Refused 409 "wrong_state"."""
    if bill.state != state:
        zh, en = "账单的状态已经变了", "The bill does not stand where this could be done."
        raise Refused(409, "wrong_state", zh, en, errors={"state": [bill.state]})


def _issue(shop_id: UUID, now: datetime) -> None:
    terms = terms_of(shop_id)
    unbilled = select(func.min(Entry.at)).where(Entry.shop_id == shop_id)
    if terms.billed_until is not None:
        unbilled = unbilled.where(Entry.at >= terms.billed_until)
    first = db.session.execute(unbilled).scalar()
    begins, ends = period_around(first or now, terms.period)
    if first is None or ends > now:
        return  # another sweep was faster
    begins = max(begins, terms.billed_until or begins)
    count, totals = totals_between(shop_id, begins, ends)
    bill = Bill(id=new_id(), shop_id=shop_id, begins=begins, ends=ends, state=ISSUED, entries=count, **totals)
    bill.confirm_by = now + CONFIRM_WITHIN
    db.session.add(bill)
    db.session.flush()
    billed = insert(BillTerms).values(shop_id=shop_id, period=terms.period, billed_until=ends)
    db.session.execute(billed.on_conflict_do_update(index_elements=[BillTerms.shop_id], set_={"billed_until": ends}))
    db.session.expire_all()
    _log(bill.id, NOBODY, None, ISSUED, "its period is over")
    emit(BillIssued(bill.id, shop_id))


def _confirm(bill: Bill, who: Who, why: str) -> None:
    if bill.state != ISSUED:
        return
    _step(bill.id, ISSUED, CONFIRMED, who, why, confirmed_at=clock.db_now())
    emit(BillConfirmed(bill.id, bill.shop_id))
    db.session.refresh(bill)


def _step(bill_id: UUID, before: str, after: str, who: Who, why: str, **values: object) -> None:
    taken = update(Bill).where(Bill.id == bill_id, Bill.state == before)
    if not changed(taken.values(state=after, **values)):
        db.session.expire_all()
        require_state(db.session.get_one(Bill, bill_id), before)
    _log(bill_id, who, before, after, why)


def _log(bill_id: UUID, who: Who, before: str | None, after: str, why: str) -> None:
    db.session.add(BillLog(bill_id=bill_id, who_kind=who[0], who_id=who[1], before=before, after=after, why=why))
    db.session.flush()


def _now() -> datetime:
    return db.session.execute(select(clock.db_now())).scalar_one()


_UNBILLED = prepared(
    "SELECT s.shop_id FROM settlement_shops s LEFT JOIN bills_shops t ON t.shop_id = s.shop_id"
    " WHERE EXISTS (SELECT 1 FROM settlement_entries e WHERE e.shop_id = s.shop_id"
    "  AND e.at >= coalesce(t.billed_until, '-infinity')"
    "  AND e.at < CASE WHEN t.period = 'month' THEN CAST(:month AS timestamptz) ELSE CAST(:week AS timestamptz) END)"
    " ORDER BY s.shop_id LIMIT :most FOR UPDATE OF s SKIP LOCKED"
)
