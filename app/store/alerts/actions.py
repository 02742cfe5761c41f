"""What is done to alerts: people ask for them; listeners and a sweep see to the rest."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.events import emit_all
from app.core.plain import prepared
from app.store.alerts.events import BackInStock
from app.store.alerts.models import MOST_WAITING, StockWait
from app.store.catalogue.models import Product
from app.store.catalogue.queries import is_visible
from app.store.inventory.queries import available
from app.store.variants.models import Sku


def wait_for(caller: Caller, sku_id: UUID) -> None:
    """The caller wants to know when there is something of this variant again; asked twice is asked once.

    Raises Refused 404 for goods that are not shown, 409 "in_stock" where there is something now, 409 "too_many".
    """
    shown = select(Sku.id).join(Product, Product.id == Sku.product_id).where(Sku.id == sku_id, is_visible())
    if db.session.scalar(shown) is None:
        raise missing("没有这件商品", "There is no such product.")
    if available([sku_id]).get(sku_id, 0) > 0:
        raise Refused(409, "in_stock", "现在就有货", "It is in stock now.")
    count = db.session.scalar(select(func.count()).where(StockWait.person_id == caller.person)) or 0
    if count >= MOST_WAITING:
        raise Refused(409, "too_many", f"最多订阅 {MOST_WAITING} 种", f"At most {MOST_WAITING} at a time.")
    row = insert(StockWait).values(person_id=caller.person, sku_id=sku_id).on_conflict_do_nothing()
    db.session.execute(row)


def wait_no_more(caller: Caller, sku_id: UUID) -> None:
    """The caller does not want to know any more."""
    mine = (StockWait.person_id == caller.person, StockWait.sku_id == sku_id)
    db.session.execute(delete(StockWait).where(*mine))


def note_low(sku_ids: Collection[UUID]) -> None:
    """Of these variants: a row for each that is low now, none for the others. Two statements."""
    _LOW.changed(ids=list(sku_ids))
    _ENOUGH.changed(ids=list(sku_ids))


def note_back(sku_ids: Collection[UUID]) -> None:
    """There is something of these variants again: all who wait for one are due to be told."""
    _DUE.changed(ids=list(sku_ids), ahead=clock.ahead())


def tell_due(most: int = 500) -> int:
    """Tell people who are due, each once; answers how many rows were looked at. A sweep.

    Of what is gone again, or not on sale, they go on waiting.
    """
    rows = _TELL.rows(most=most)
    emit_all([BackInStock(row.sku_id, row.person_id) for row in rows if row.is_told])
    return len(rows)


_LOW = prepared(
    "INSERT INTO alerts_low (sku_id, shop_id) SELECT t.sku_id, p.shop_id FROM inventory_stock t"
    " JOIN catalogue_skus s ON s.id = t.sku_id JOIN catalogue_products p ON p.id = s.product_id"
    " WHERE t.sku_id = ANY(:ids) AND t.available <= t.low_at ON CONFLICT DO NOTHING"
)
_ENOUGH = prepared(
    "DELETE FROM alerts_low l USING inventory_stock t WHERE t.sku_id = l.sku_id AND l.sku_id = ANY(:ids)"
    " AND t.available > coalesce(t.low_at, -1)"
)
_DUE = prepared("UPDATE alerts_waits SET due_at = now() + :ahead WHERE sku_id = ANY(:ids) AND due_at IS NULL")
_TELL = prepared(
    "WITH due AS (SELECT person_id, sku_id FROM alerts_waits WHERE due_at IS NOT NULL ORDER BY due_at LIMIT :most"
    "  FOR UPDATE SKIP LOCKED),"
    " seen AS (SELECT d.*, EXISTS (SELECT FROM inventory_stock t JOIN catalogue_skus s ON s.id = t.sku_id"
    "   JOIN catalogue_products p ON p.id = s.product_id WHERE t.sku_id = d.sku_id AND t.available > 0"
    "    AND s.state = 'on_sale' AND p.state = 'on_sale'"
    "    AND NOT EXISTS (SELECT FROM catalogue_takedowns x WHERE x.product_id = p.id)) AS is_told FROM due d),"
    " told AS (DELETE FROM alerts_waits w USING seen WHERE w.person_id = seen.person_id AND w.sku_id = seen.sku_id"
    "  AND seen.is_told),"
    " again AS (UPDATE alerts_waits w SET due_at = NULL FROM seen WHERE w.person_id = seen.person_id"
    "  AND w.sku_id = seen.sku_id AND NOT seen.is_told)"
    " SELECT * FROM seen"
)
