"""Questions about resale, and the SQL by which the catalogue asks them of many SKUs at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.money import yuan
from app.store.onboarding.queries import is_supplier
from app.store.resale.models import ResaleOffer, Resold
from app.store.shops.queries import is_closed

JOINED = (
    "LEFT JOIN resale_resold r ON r.sku_id = s.id LEFT JOIN resale_offers ro ON ro.sku_id = r.stock_sku_id"
    " AND ro.supplier_id = r.supplier_id"
)
"""SQL: beside a SKU `s` what it resells (r) and the offer that it draws on (ro); nothing for own goods."""
DRAWN_ON = "coalesce(r.stock_sku_id, s.id)"
"""SQL: the SKU whose stock counts, of a JOINED `s`."""
STOPPED = (
    "(r.sku_id IS NOT NULL AND (ro.sku_id IS NULL OR s.price < ro.floor_price"
    " OR EXISTS (SELECT FROM shops_closures rc WHERE rc.shop_id = r.supplier_id)"
    " OR NOT EXISTS (SELECT FROM onboarding_applications ra WHERE ra.shop_id = r.supplier_id"
    "  AND ra.about = 'supplier' AND ra.state = 'approved')"
    " OR EXISTS (SELECT FROM catalogue_skus rs JOIN catalogue_products rp ON rp.id = rs.product_id"
    "  WHERE rs.id = r.stock_sku_id AND (rp.state <> 'on_sale'"
    "   OR EXISTS (SELECT FROM catalogue_takedowns rd WHERE rd.product_id = rp.id)))))"
)
"""SQL: a JOINED `s` resells what may not be resold now: its offer is gone or dearer, its supplier stopped, or the goods
themselves are off. For the catalogue alone, whose tables it names."""


def offers_by_sku(sku_ids: Collection[UUID]) -> dict[UUID, ResaleOffer]:
    """What may be resold of these SKUs now: offers of approved suppliers whose shops sell. One query."""
    if not sku_ids:
        return {}
    wanted = select(ResaleOffer).where(ResaleOffer.sku_id.in_(sku_ids), *_may_be_resold())
    return {one.sku_id: one for one in db.session.scalars(wanted)}


def open_offers(
    limit: int, cursor: str | None, supplier_id: UUID | None = None
) -> tuple[list[ResaleOffer], str | None]:
    """A page of all that may be resold now, newest first; of one supplier all his own, be he approved or not. One
    query."""
    scope = f"resale/offers:{supplier_id}"
    place = paging.values_of(scope, cursor)
    which = _may_be_resold() if supplier_id is None else (ResaleOffer.supplier_id == supplier_id,)
    wanted = select(ResaleOffer).where(*which)
    if place is not None:
        wanted = wanted.where(tuple_(ResaleOffer.at, ResaleOffer.sku_id) < tuple_(*_place(place)))
    newest_first = wanted.order_by(ResaleOffer.at.desc(), ResaleOffer.sku_id.desc()).limit(limit + 1)
    rows = list(db.session.scalars(newest_first))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], paging.cursor(scope, [iso(last.at), str(last.sku_id)]) if last else None


def check_resold(sku_id: UUID, price: int | None, stock: int | None) -> None:
    """What a shop may set of a SKU that it resells: a price at or above the supplier's floor, no stock, which is the
    supplier's. Raises Refused 422. One query."""
    wanted = select(Resold.sku_id, ResaleOffer.floor_price).where(Resold.sku_id == sku_id)
    found = db.session.execute(wanted.outerjoin(ResaleOffer, ResaleOffer.sku_id == Resold.stock_sku_id)).first()
    if found is None:
        return
    if stock is not None:
        zh, en = "转售商品的库存由供应商管理", "The stock of what is resold is its supplier's."
        raise bad_field("stock", zh, en)
    if price is not None and found.floor_price is not None and price < found.floor_price:
        raise below_floor(found.floor_price)


def below_floor(floor: int) -> Refused:
    """For a price below `floor`, in 分."""
    zh, en = f"不能低于供应商的最低售价 {yuan(floor)} 元", f"The supplier's floor price is ¥{yuan(floor)}."
    return bad_field("price", zh, en)


def resellers_of(sku_ids: Collection[UUID]) -> list[UUID]:
    """The products that draw on these SKUs. One query."""
    return list(db.session.scalars(select(Resold.product_id).where(Resold.stock_sku_id.in_(sku_ids)).distinct()))


def is_resold(sku_ids: Collection[UUID]) -> set[UUID]:
    """Those of these SKUs that are other people's goods already: what is resold is not resold again. One query."""
    return set(db.session.scalars(select(Resold.sku_id).where(Resold.sku_id.in_(sku_ids)))) if sku_ids else set()


def _may_be_resold() -> tuple[Any, ...]:
    return is_supplier(ResaleOffer.supplier_id), ~is_closed(ResaleOffer.supplier_id)


def _place(place: list[Any]) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(place[0]), UUID(place[1])
