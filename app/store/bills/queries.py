"""Questions about bills: their pages and lines, and whether they are right."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select, text

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.plain import Row, prepared
from app.store.bills.models import CONFIRMED, WEEK, Bill, BillLog, BillTerms
from app.store.settlement.models import TOTALS, Entry
from app.store.settlement.queries import entries_between

CHUNK = 500


def bills_of(shop_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a shop's bills, the latest first, for its staff; the caller has asked whether they are. One query."""
    scope = f"shops/bills:{shop_id}"
    wanted = select(Bill).where(Bill.shop_id == shop_id).order_by(Bill.begins.desc()).limit(limit + 1)
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(Bill.begins < datetime.fromisoformat(place[0]))
    found = list(db.session.scalars(wanted))
    following = paging.cursor(scope, [iso(found[limit - 1].begins)]) if len(found) > limit else None
    return {"items": [shown(one) for one in found[:limit]], "next": following}


def bill_or_missing(shop_id: UUID, bill_id: UUID) -> Bill:
    """A shop's bill. Raises Refused 404, also for another shop's."""
    found = db.session.get(Bill, bill_id)
    if found is None or found.shop_id != shop_id:
        raise missing("没有这张账单", "There is no such bill.")
    return found


def bill_page(shop_id: UUID, bill_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A bill with its log and a page of its entries, the oldest first. Raises Refused 404. Three queries."""
    bill = bill_or_missing(shop_id, bill_id)
    scope = f"bills/entries:{bill_id}"
    place = paging.values_of(scope, cursor)
    after = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    found = entries_between(shop_id, bill.begins, bill.ends, limit + 1, after)
    last = found[limit - 1] if len(found) > limit else None
    following = paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None
    log = db.session.scalars(select(BillLog).where(BillLog.bill_id == bill_id).order_by(BillLog.id))
    return shown(bill) | {
        "log": [
            {"who": one.who_kind, "before": one.before, "after": one.after, "why": one.why, "at": iso(one.at)}
            for one in log
        ],
        "items": [shown_entry(one) for one in found[:limit]],
        "next": following,
    }


def lines_of(bill: Bill) -> Iterator[Sequence[Row]]:
    """All entries of a bill, some hundred at a time, the oldest first; no connection is held in between."""
    at, last = bill.begins, UUID(int=0)
    while found := _LINES.rows(shop=bill.shop_id, at=at, last=last, ends=bill.ends, most=CHUNK):
        yield found
        at, last = found[-1].at, found[-1].id


def terms_of(shop_id: UUID) -> BillTerms:
    """How often a shop gets a bill."""
    return db.session.get(BillTerms, shop_id) or BillTerms(shop_id=shop_id, period=WEEK, billed_until=None)


def totals_between(shop_id: UUID, begins: datetime, ends: datetime) -> tuple[int, dict[str, int]]:
    """How many entries a shop has from `begins` until before `ends`, and what they add up to. One query."""
    sums = [cast(func.coalesce(func.sum(getattr(Entry, one)), 0), BigInteger) for one in TOTALS]
    wanted = select(func.count(), *sums).where(Entry.shop_id == shop_id, Entry.at >= begins, Entry.at < ends)
    count, *amounts = db.session.execute(wanted).one()
    return count, dict(zip(TOTALS, amounts, strict=True))


def to_pay(shop_id: UUID) -> Sequence[Bill]:
    """A shop's confirmed bills, the oldest first."""
    mine = select(Bill).where(Bill.shop_id == shop_id, Bill.state == CONFIRMED)
    return db.session.scalars(mine.order_by(Bill.begins)).all()


def shown(bill: Bill) -> dict[str, Any]:
    """A bill ready for JSON."""
    times = {"issued_at": bill.issued_at, "confirm_by": bill.confirm_by}
    times |= {"begins": bill.begins, "ends": bill.ends}
    later = {"confirmed_at": bill.confirmed_at, "paid_at": bill.paid_at}
    return {
        "id": bill.id,
        "kind": "bill",
        "shop_id": bill.shop_id,
        "state": bill.state,
        "entries": bill.entries,
        **{name: getattr(bill, name) for name in TOTALS},
        **{name: iso(at) for name, at in times.items()},
        **{name: iso(at) if at else None for name, at in later.items()},
    }


def shown_entry(entry: Entry) -> dict[str, Any]:
    """An entry ready for JSON; `about` is "order", "correction", "supply" or "deposit"."""
    about = {"id": entry.id, "kind": "settlement_entry", "order_id": entry.order_id, "about": entry.kind}
    return about | {name: getattr(entry, name) for name in TOTALS} | {"at": iso(entry.at)}


def problems() -> Iterator[str]:
    """What is wrong in bills, in what stands beside the ledger, and in the ledger itself; one line each. Of one moment,
    so it must be the first thing that its transaction asks; rows come one by one."""
    for statement in (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "SET LOCAL statement_timeout = 0",
    ):
        db.session.execute(text(statement))
    for query, says in _CHECKS:
        for row in db.session.execute(text(query), execution_options={"yield_per": 1000}):
            yield says.format(**row._mapping)


_LINES = prepared(
    "SELECT * FROM settlement_entries WHERE shop_id = :shop AND (at, id) > (CAST(:at AS timestamptz), :last)"
    " AND at >= CAST(:at AS timestamptz) AND at < :ends ORDER BY at, id LIMIT :most"
)
_WRONG = " OR ".join(f"b.{one} <> coalesce(e.{one}, 0)" for one in TOTALS)
_SAID = ", ".join(
    f"CASE WHEN b.{one} <> coalesce(e.{one}, 0) THEN '{one} ' || b.{one} || ' / ' || coalesce(e.{one}, 0) END"
    for one in TOTALS
)
_SUMS = ", ".join(f"sum({one}) AS {one}" for one in TOTALS)
_IN_LEDGER = (
    "SELECT a.name, sum(e.amount) AS amount FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
    " WHERE a.name LIKE '{0}:%' GROUP BY a.name"
)
_CHECKS = (
    (
        f"SELECT b.id, b.shop_id, concat_ws(', ', {_SAID}) AS said FROM bills_bills b"
        f" LEFT JOIN LATERAL (SELECT count(*) AS entries, {_SUMS} FROM settlement_entries s"
        "  WHERE s.shop_id = b.shop_id AND s.at >= b.begins AND s.at < b.ends) e ON true"
        f" WHERE {_WRONG} OR b.entries <> e.entries ORDER BY b.id",
        "账单与明细不符 / bill {id} of shop {shop_id} differs from its entries (bill / entries): {said}",
    ),
    (
        "SELECT s.shop_id, s.settled, coalesce(-l.amount, 0) AS said FROM settlement_shops s"
        f" LEFT JOIN ({_IN_LEDGER.format('settled')}) l ON l.name = 'settled:' || s.shop_id"
        " WHERE s.settled <> coalesce(-l.amount, 0) ORDER BY 1",
        "待付与总账不符 / shop {shop_id}: to be paid out {settled}, the ledger says {said}",
    ),
    (
        "SELECT s.shop_id, s.owed, coalesce(l.amount, 0) AS said FROM settlement_shops s"
        f" LEFT JOIN ({_IN_LEDGER.format('owed')}) l ON l.name = 'owed:' || s.shop_id"
        " WHERE s.owed <> coalesce(l.amount, 0) ORDER BY 1",
        "欠款与总账不符 / shop {shop_id}: owes {owed}, the ledger says {said}",
    ),
    (
        "SELECT split_part(a.name, ':', 2) AS shop_id, j.kind, -sum(e.amount) AS said FROM ledger_journals j"
        " JOIN ledger_entries e ON e.journal_id = j.id"
        " JOIN ledger_accounts a ON a.id = e.account_id AND a.name ~ '^(settled|owed):'"
        " WHERE j.kind NOT IN ('payout_begun', 'payout_failed')"
        "  AND NOT EXISTS (SELECT 1 FROM settlement_entries n WHERE n.settlement_id = j.subject_id)"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        "资金不在任何账单中 / shop {shop_id}: {said} ({kind}) stands in no bill, so no payout takes it",
    ),
    (
        "SELECT n.settlement_id, n.net, coalesce(l.amount, 0) AS said FROM (SELECT settlement_id, sum(net) AS net"
        "  FROM settlement_entries GROUP BY settlement_id) n"
        " LEFT JOIN (SELECT j.subject_id, -sum(e.amount) AS amount FROM ledger_journals j"
        "  JOIN ledger_entries e ON e.journal_id = j.id JOIN ledger_accounts a ON a.id = e.account_id"
        "  WHERE j.kind IN ('order_settled', 'deposit_out', 'deposit_in') AND a.name ~ '^(settled|owed):'"
        "  GROUP BY j.subject_id) l ON l.subject_id = n.settlement_id"
        " WHERE n.net <> coalesce(l.amount, 0) ORDER BY 1",
        "结算与总账不符 / settlement {settlement_id}: entries say {net}, the ledger says {said}",
    ),
    (
        "SELECT order_id, problem FROM settlement_due WHERE problem IS NOT NULL ORDER BY id",
        "订单未能结算 / order {order_id} is not settled: {problem}",
    ),
)
