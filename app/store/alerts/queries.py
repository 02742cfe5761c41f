"""Questions about what runs low."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.store.alerts.models import LowStock
from app.store.catalogue.models import Product
from app.store.inventory.models import Stock
from app.store.variants.models import Sku


@dataclass(frozen=True, slots=True)
class Low:
    """A variant of which few are left: `available` units now, told from `low_at` down, since `at`."""

    id: UUID
    product_id: UUID
    title: str
    sku_name: str
    available: int
    low_at: int | None
    at: datetime


def low_stock(shop_id: UUID, limit: int, cursor: str | None) -> tuple[list[Low], str | None]:
    """A page of what runs low in a shop, the latest first, and the next cursor. One query."""
    scope = f"alerts:{shop_id}"
    place = paging.values_of(scope, cursor)
    wanted = (
        select(Sku.id, Product.id, Product.title, Sku.name, Stock.available, Stock.low_at, LowStock.at)
        .join(Sku, Sku.id == LowStock.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .join(Stock, Stock.sku_id == Sku.id)
        .where(LowStock.shop_id == shop_id, Stock.available <= Stock.low_at)
        .order_by(LowStock.at.desc(), LowStock.sku_id.desc())
        .limit(limit + 1)
    )
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(LowStock.at, LowStock.sku_id) < before)
    found = [Low(*row) for row in db.session.execute(wanted)]
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None
