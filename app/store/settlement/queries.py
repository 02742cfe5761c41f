"""Questions about settled orders, and the one place where it is reckoned what an order leaves to whom.

All columns follow from the order's own rows: lines, adjustments, shares of refunds, what was paid for waiting and for
sending back. So an order may be reckoned again at any time, and what has changed is the next entry.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select

from app.core.db import db
from app.core.plain import Row, array_of, prepared
from app.store.fees.models import WHOLE
from app.store.ledger.queries import shop_account
from app.store.settlement.models import COLUMNS, Columns, Entry, Standing

TAKE = "fees:take"
"""What the platform keeps of sales."""


def settled_account(shop_id: UUID) -> str:
    """What a shop is to be paid out (below 0)."""
    return f"settled:{shop_id}"


def owed_account(shop_id: UUID) -> str:
    """What a shop owes (above 0), to be taken from what is settled next."""
    return f"owed:{shop_id}"


@dataclass
class Reckoning:
    """What an order leaves to its shop, and to the shops that supplied it."""

    order_id: UUID
    shop_id: UUID
    fee_base: int = 0
    parts: dict[UUID, Columns] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Before:
    """What was entered of an order for a shop until now."""

    number: int
    fee_base: int
    columns: Columns


NOTHING_BEFORE = Before(0, 0, Columns())


def fee_of(rate: int, kept: int) -> int:
    """`rate` ‱ of the 分 that were kept of a line, rounded half up."""
    return (rate * max(kept, 0) + WHOLE // 2) // WHOLE


def reckoned(order_ids: Collection[UUID]) -> dict[UUID, Reckoning]:
    """What these paid orders leave to whom, as they stand now. Two queries."""
    ids = array_of(order_ids)
    found = {row.order_id: _of_freight(row) for row in _ORDERS.rows(ids=ids)}
    for row in _LINES.rows(ids=ids):
        _add_line(found[row.order_id], row)
    return found


def entered(order_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], Before]:
    """What was entered of these orders, by order and shop. One query."""
    sums = [cast(func.sum(getattr(Entry, one)), BigInteger) for one in (*COLUMNS, "fee_base")]
    wanted = select(Entry.order_id, Entry.shop_id, func.max(Entry.number), *sums)
    rows = db.session.execute(wanted.where(Entry.order_id.in_(order_ids)).group_by(Entry.order_id, Entry.shop_id))
    found = {}
    for order_id, shop_id, number, *amounts, fee_base in rows:
        assert order_id is not None, "asked by orders"
        found[order_id, shop_id] = Before(number, fee_base, Columns(*(int(one) for one in amounts)))
    return found


def left_in_books(orders: Sequence[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """What the ledger has of each of these orders (order, shop) in its shop's account of held money, as debits less
    credits: so below 0 while the shop is owed it, and 0 once it is settled. One query."""
    ids, shops = zip(*orders, strict=True)
    accounts = [shop_account(one) for one in shops]
    return {row.order_id: int(row.amount) for row in _IN_BOOKS.rows(ids=array_of(ids), accounts=accounts)}


def entries_between(
    shop_id: UUID, begins: datetime, ends: datetime, limit: int, after: tuple[datetime, UUID] | None
) -> list[Entry]:
    """A shop's entries from `begins` until before `ends`, the oldest first, those after the place `after`."""
    wanted = select(Entry).where(Entry.shop_id == shop_id, Entry.at >= begins, Entry.at < ends)
    if after is not None:
        wanted = wanted.where(func.row(Entry.at, Entry.id) > func.row(*after))
    return list(db.session.scalars(wanted.order_by(Entry.at, Entry.id).limit(limit)))


def is_anything_settled() -> bool:
    """Whether any order of any shop was."""
    return db.session.scalar(select(Entry.id).limit(1)) is not None


def standing_of(shop_id: UUID) -> Standing:
    """How a shop stands now; of one of which nothing was settled yet, too."""
    return db.session.get(Standing, shop_id) or Standing(shop_id=shop_id, settled=0, owed=0)


def _of_freight(row: Row) -> Reckoning:
    off = int(row.off_by_others)
    columns = Columns(
        other_discounts=off,
        funded=-off,
        freight=row.freight,
        freight_discounts=int(row.off_by_shop),
        refunded=-int(row.back),
        refunded_to_funders=-int(row.back_to_funders),
        late=-int(row.late),
        way_back=-int(row.way_back),
    )
    return Reckoning(row.order_id, row.shop_id, parts={row.shop_id: columns})


def _add_line(of: Reckoning, row: Row) -> None:
    by_shop, by_others = int(row.off_by_shop), int(row.off_by_others)
    back, to_funders = int(row.back), int(row.back_to_funders)
    kept = max(row.goods + by_shop - back - to_funders, 0)
    supplied = row.kept * row.supply_price if row.supplier_id not in {None, of.shop_id} else 0
    columns = Columns(
        goods=row.goods,
        shop_discounts=by_shop,
        other_discounts=by_others,
        funded=-by_others,
        refunded=-back,
        refunded_to_funders=-to_funders,
        supply=-supplied,
        fee=-fee_of(row.take_rate, kept),
    )
    of.fee_base += kept
    of.parts[of.shop_id] += columns
    if row.supplier_id not in {None, of.shop_id}:
        of.parts[row.supplier_id] = of.parts.get(row.supplier_id, Columns()) + Columns(supply=supplied)


_ADJUSTED = (
    "SELECT coalesce(sum(amount) FILTER (WHERE funder = 'shop'), 0) AS by_shop,"
    " coalesce(sum(amount) FILTER (WHERE funder <> 'shop'), 0) AS by_others FROM orders_adjustments"
)
_BACK = (
    "SELECT coalesce(sum(amount) FILTER (WHERE holder = 'buyer'), 0) AS back,"
    " coalesce(sum(amount) FILTER (WHERE holder <> 'buyer'), 0) AS to_funders FROM refunds_shares"
)
# A guest who waited got his money as a refund, which stays one when he becomes a person; only a person's went to his
# wallet. Of a case the way back is paid once the goods have arrived.
_ORDERS = prepared(
    "SELECT o.id AS order_id, o.shop_id, o.freight, a.by_shop AS off_by_shop, a.by_others AS off_by_others,"
    " s.back, s.to_funders AS back_to_funders,"
    " coalesce((SELECT t.amount FROM lateness_orders t WHERE t.order_id = o.id AND NOT EXISTS (SELECT FROM"
    "  refunds_grants g WHERE g.subject_kind = 'late_order' AND g.subject_id = o.id)), 0) AS late,"
    " coalesce((SELECT sum(c.way_back) FROM aftersales_cases c WHERE c.order_id = o.id AND c.back_number IS NOT NULL"
    "  AND c.state IN ('granted', 'replaced')), 0) AS way_back"
    f" FROM orders_orders o CROSS JOIN LATERAL ({_ADJUSTED} WHERE order_id = o.id AND line_id IS NULL) a"
    f" CROSS JOIN LATERAL ({_BACK} WHERE order_id = o.id AND line_id IS NULL) s"
    " WHERE o.id = ANY(CAST(:ids AS uuid[]))"
)
_LINES = prepared(
    "SELECT l.order_id, l.price * l.quantity AS goods, l.take_rate, l.supplier_id,"
    " coalesce(l.supply_price, 0) AS supply_price, f.quantity - f.refunded AS kept,"
    " a.by_shop AS off_by_shop, a.by_others AS off_by_others, s.back, s.to_funders AS back_to_funders"
    " FROM orders_lines l JOIN fulfilment_lines f ON f.line_id = l.id"
    f" CROSS JOIN LATERAL ({_ADJUSTED} WHERE line_id = l.id) a"
    f" CROSS JOIN LATERAL ({_BACK} WHERE order_id = l.order_id AND line_id = l.id) s"
    " WHERE l.order_id = ANY(CAST(:ids AS uuid[])) ORDER BY l.order_id, l.position"
)
_IN_BOOKS = prepared(
    "SELECT o.order_id, coalesce((SELECT sum(e.amount) FROM (SELECT 'order_paid', 'order', o.order_id"
    "   UNION ALL SELECT 'late_order', 'order', o.order_id"
    "   UNION ALL SELECT 'order_refunded', 'grant', g.id FROM refunds_grants g WHERE g.order_id = o.order_id"
    "   UNION ALL SELECT 'way_back', 'case', c.id FROM aftersales_cases c WHERE c.order_id = o.order_id"
    "   UNION ALL SELECT DISTINCT 'order_settled', 'settlement', n.settlement_id FROM settlement_entries n"
    "    WHERE n.order_id = o.order_id) AS about (kind, subject_kind, subject_id)"
    "  JOIN ledger_journals j ON (j.kind, j.subject_kind, j.subject_id) = (about.kind, about.subject_kind,"
    "   about.subject_id)"
    "  JOIN ledger_entries e ON e.journal_id = j.id"
    "  JOIN ledger_accounts a ON a.id = e.account_id AND a.name = o.account), 0) AS amount"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:accounts AS text[])) AS o (order_id, account)"
)
