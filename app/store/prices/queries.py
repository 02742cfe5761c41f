"""Questions about the history of prices."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, or_, select

from app.core import clock, paging
from app.core.db import db
from app.core.plain import prepared
from app.store.prices.models import WINDOW, Price, Span

_LOWEST = prepared(
    "SELECT sku_id, min(price)::bigint AS price FROM prices_prices WHERE sku_id = ANY(:ids) AND is_offered"
    " AND (until_at IS NULL OR until_at > now() + :ahead - make_interval(days => CAST(:days AS int))) GROUP BY sku_id"
)


def lowest_price(sku_ids: Collection[UUID], days: int = 30) -> dict[UUID, int]:
    """The lowest price in 分 at which each variant was on sale within the last so many days, the present one too; one
    that was not on sale then is absent. One query."""
    if not sku_ids:
        return {}
    rows = _LOWEST.rows(ids=list(sku_ids), days=days, ahead=clock.ahead())
    return {row.sku_id: row.price for row in rows}


def spans_of(sku_ids: Collection[UUID]) -> tuple[dict[UUID, list[Span]], datetime]:
    """What these variants cost when, in the order of time, as far back as the rules look; and the time of this moment.

    One query, and none for no ids but for the time.
    """
    found: dict[UUID, list[Span]] = {one: [] for one in sku_ids}
    now: datetime = db.session.execute(select(func.clock_timestamp() + literal(clock.ahead()))).scalar_one()
    if found:
        recent = or_(Price.until_at.is_(None), Price.until_at > now - 2 * WINDOW)
        asked = select(Price).where(Price.sku_id.in_(found), recent).order_by(Price.from_at, Price.id)
        for one in db.session.scalars(asked):
            found[one.sku_id].append(Span(one.price, one.from_at, one.until_at, one.is_offered))
    return found, now


def history(sku_ids: Collection[UUID], limit: int, cursor: str | None) -> tuple[list[Price], str | None]:
    """A page of what these variants cost, the latest first, and the cursor of the next page. One query."""
    scope = "prices:" + ",".join(sorted(one.hex for one in sku_ids))
    place = paging.values_of(scope, cursor)
    wanted = select(Price).where(Price.sku_id.in_(sku_ids)).order_by(Price.id.desc()).limit(limit + 1)
    if place is not None:
        wanted = wanted.where(Price.id < place[0])
    found = list(db.session.scalars(wanted))
    return found[:limit], paging.cursor(scope, [found[limit - 1].id]) if len(found) > limit else None
