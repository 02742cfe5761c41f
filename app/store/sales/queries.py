"""Questions about what was sold. Here alone is said what a line has brought: paid, less refunded. Money in 分."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock, paging
from app.core.config import settings
from app.core.db import db
from app.store.delivery.models import Package
from app.store.fulfilment.models import NO_CASE, UNFULFILLED, LineProgress, OrderProgress
from app.store.fulfilment.queries import OrdersWanted, wanted_of_shop
from app.store.orders.models import PAID, Adjustment, Order, OrderLine, Purchase

DAYS = 30
AT_ONCE = 1000
"""Orders of a sheet that are read at once."""
Columns = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DaySold:
    """What was sold on a day, by the day of payment in China: paid orders and their revenue."""

    day: date
    orders: int = 0
    revenue: int = 0


@dataclass(frozen=True, slots=True)
class BroughtLine:
    """A line as whoever brought its buyer sees it: nothing of the buyer."""

    id: UUID
    order_id: UUID
    at: datetime
    title: str
    sku_name: str
    quantity: int
    refunded: int
    status: str
    own_purchase: bool
    total: int
    revenue: int


def priced(lines: Select[*Columns]) -> Subquery:
    """SQL: `lines`, a select of OrderLine with its Purchase beside it, and for each its `total` after offers, its
    `revenue`: what was paid for it less what was refunded, 0 while it is not paid; and `refunded`, the units that were.

    Offers are added up once for all lines: one by one they took most of the time.
    """
    is_paid = (Purchase.status == PAID).label("is_paid")
    cost = (OrderLine.price * OrderLine.quantity).label("cost")
    found = lines.add_columns(OrderLine.id.label("line_id"), cost, is_paid).cte("found")
    amount = cast(func.sum(Adjustment.amount), BigInteger).label("amount")
    mine = select(Adjustment.line_id, amount).join(found, found.c.line_id == Adjustment.line_id)
    off = mine.group_by(Adjustment.line_id).subquery("off")
    total: ColumnElement[int] = found.c.cost + func.coalesce(off.c.amount, 0)
    revenue = case((found.c.is_paid, total - func.coalesce(LineProgress.refunded_amount, 0)), else_=0)
    units = func.coalesce(LineProgress.refunded, 0).label("refunded")
    whole = select(found, total.label("total"), cast(revenue, BigInteger).label("revenue"), units)
    whole = whole.outerjoin(off, off.c.line_id == found.c.line_id)
    return whole.outerjoin(LineProgress, LineProgress.line_id == found.c.line_id).subquery("priced")


def paid_orders(*which: ColumnElement[bool], by: tuple[InstrumentedAttribute[Any], ...] = ()) -> Subquery:
    """SQL: one row for each paid order among the lines that `which` names, with the `day` of payment, its `revenue`
    and the columns of OrderLine in `by`: `by=(OrderLine.post_id,)` parts an order with lines of two posts."""
    day = clock.china_day(Purchase.paid_at).label("day")
    lines = select(OrderLine.order_id, *by, day).join(Purchase, Purchase.id == OrderLine.purchase_id)
    found = priced(lines.where(Purchase.status == PAID, *which))
    keys = [found.c.order_id, found.c.day, *(found.c[one.key] for one in by)]
    revenue = cast(func.sum(found.c.revenue), BigInteger).label("revenue")
    return select(*keys, revenue).group_by(*keys).subquery("paid_orders")


def by_day(orders: Subquery) -> list[DaySold]:
    """What paid_orders says, by day, for those days on which there was something. One query."""
    sums = (func.count(), cast(func.sum(orders.c.revenue), BigInteger))
    return [DaySold(*row) for row in db.session.execute(select(orders.c.day, *sums).group_by(orders.c.day))]


def of_late(found: list[DaySold]) -> list[DaySold]:
    """Each of the last DAYS days."""
    known = {one.day: one for one in found}
    return [known.get(day, DaySold(day)) for day in clock.china_days(DAYS)]


def sales_of_shop(shop_id: UUID) -> list[DaySold]:
    """What a shop has sold on each of the last DAYS days. One query."""
    since = clock.day_began(clock.china_days(DAYS)[0])
    # Nobody pays later than that after he ordered; and by shop, status and day of ordering there is an index.
    latest = max(timedelta(days=7), timedelta(seconds=settings.unpaid_seconds))
    mine = select(Order.id).where(Order.shop_id == shop_id, Order.status == PAID)
    orders = mine.where(Order.created_at >= since - latest)
    return of_late(by_day(paid_orders(Purchase.paid_at >= since, OrderLine.order_id.in_(orders))))


def sheet_of_shop(shop_id: UUID, person_id: UUID, wanted: OrdersWanted) -> Iterator[Sequence[Row[*Columns]]]:
    """All lines of these orders of a shop, the newest first, AT_ONCE orders at a time; nothing is held in between, so
    each time may be a unit of work of its own. Plain rows: as objects they took four times as long. Raises Refused 404
    for who does not work there. One query a time."""
    which, columns = wanted_of_shop(shop_id, person_id, wanted), _line_columns()
    after: tuple[datetime, UUID] | None = None
    while True:
        rows = db.session.execute(_lines_after(which, columns, after)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].created_at, rows[-1].order_id


def _lines_after(
    which: list[ColumnElement[bool]], columns: Columns, after: tuple[datetime, UUID] | None
) -> Select[*Columns]:
    place = [tuple_(Order.created_at, Order.id) < after] if after else []
    some = select(Order.id).join(Purchase, Purchase.id == Order.purchase_id)
    some = some.outerjoin(OrderProgress, OrderProgress.order_id == Order.id).where(*which, *place)
    newest = (Order.created_at.desc(), Order.id.desc())
    page = some.order_by(*newest).limit(AT_ONCE).cte("page")
    lines = select(*columns).join_from(page, Order, Order.id == page.c.id)
    lines = lines.join(Purchase, Purchase.id == Order.purchase_id)
    lines = lines.outerjoin(OrderProgress, OrderProgress.order_id == Order.id)
    lines = lines.join(OrderLine, OrderLine.order_id == Order.id)
    lines = lines.outerjoin(LineProgress, LineProgress.line_id == OrderLine.id)
    return lines.order_by(*newest, OrderLine.position)


def _line_columns() -> Columns:
    off = select(func.coalesce(func.sum(Adjustment.amount), 0)).where(Adjustment.line_id == OrderLine.id)
    between: Any = aggregate_order_by(literal_column("'; '"), Package.shipped_at, Package.id)
    named = func.string_agg(Package.carrier + " " + Package.number, between)
    parcels = select(func.coalesce(named, "")).where(Package.order_id == Order.id)
    moved = [func.coalesce(getattr(LineProgress, one), 0).label(one) for one in ("shipped", "received")]
    moved += [func.coalesce(getattr(LineProgress, one), 0).label(one) for one in ("refunded", "refunded_amount")]
    return (
        *(Order.id.label("order_id"), Order.created_at, Order.channel, Order.freight, Order.total),
        *(Purchase.status, Purchase.paid_at, Purchase.note, OrderProgress.ship_by),
        func.coalesce(OrderProgress.fulfilment, UNFULFILLED).label("fulfilment"),
        func.coalesce(OrderProgress.aftersale, NO_CASE).label("aftersale"),
        func.coalesce(OrderProgress.refunded, 0).label("order_refunded"),
        func.coalesce(OrderProgress.address, Purchase.address).label("address"),
        *(OrderLine.title, OrderLine.sku_name, OrderLine.price, OrderLine.quantity, *moved),
        cast(off.scalar_subquery(), BigInteger).label("off"),
        parcels.scalar_subquery().label("parcels"),
    )


def brought_lines(post_id: UUID, limit: int, cursor: str | None) -> tuple[list[BroughtLine], str | None]:
    """A page of the lines, paid or not, to which a post brought the buyer, and the next cursor; the latest first (an id
    begins with its time). One query."""
    scope = f"posts/lines:{post_id}"
    of_line = (OrderLine.title, OrderLine.sku_name, OrderLine.quantity)
    wanted = select(OrderLine.id, OrderLine.order_id, Purchase.created_at, *of_line)
    wanted = wanted.add_columns(Purchase.status, OrderLine.own_purchase)
    wanted = wanted.join(Purchase, Purchase.id == OrderLine.purchase_id).where(OrderLine.post_id == post_id)
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(OrderLine.id < UUID(place[0]))
    page = priced(wanted.order_by(OrderLine.id.desc()).limit(limit + 1))
    shown = ("id", "order_id", "created_at", "title", "sku_name", "quantity", "refunded", "status", "own_purchase")
    columns = [page.c[name] for name in (*shown, "total", "revenue")]
    found = [BroughtLine(*row) for row in db.session.execute(select(*columns).order_by(page.c.id.desc()))]
    following = paging.cursor(scope, [str(found[limit - 1].id)]) if len(found) > limit else None
    return found[:limit], following
