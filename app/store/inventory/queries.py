"""Questions about stock."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app.core.caller import Ref
from app.core.db import db
from app.core.errors import bad_field
from app.store.inventory.models import ACTIVE, COMMITTED, Hold, Stock


def available(sku_ids: Collection[UUID]) -> dict[UUID, int]:
    """Units that may be taken now, by SKU; one that never had stock is absent. One query."""
    if not sku_ids:
        return {}
    wanted = select(Stock.sku_id, Stock.available).where(Stock.sku_id.in_(sku_ids))
    return {row.sku_id: row.available for row in db.session.execute(wanted)}


def require_available(sku_id: UUID, seen: int) -> None:
    """Raises Refused 422 unless so many units are available as somebody saw before; they stay so until this transaction
    ends: who sets a stock by what he saw must not put back what was sold meanwhile."""
    locking = select(Stock.available).where(Stock.sku_id == sku_id).with_for_update()
    now = db.session.scalar(locking) or 0
    if now != seen:
        zh, en = f"库存刚刚变为 {now}，请按它重新填写", f"Stock has just become {now}: say again what it shall be."
        raise bad_field("stock", zh, en)


def units_held(sku_ids: Collection[UUID]) -> dict[UUID, int]:
    """Units in active holds, by SKU; SKUs without any are absent."""
    return _units_in(ACTIVE, sku_ids)


def units_sold(sku_ids: Collection[UUID]) -> dict[UUID, int]:
    """Units in committed holds, by SKU, as long as these are kept (KEPT_DAYS); SKUs without any are absent."""
    return _units_in(COMMITTED, sku_ids)


def holds_of(subject: Ref) -> list[Hold]:
    """All holds of a subject, oldest first; ended ones too, as long as they are kept (KEPT_DAYS)."""
    mine = (Hold.subject_kind == subject.kind, Hold.subject_id == subject.id)
    return list(db.session.scalars(select(Hold).where(*mine).order_by(Hold.created_at, Hold.id)))


def _units_in(state: str, sku_ids: Collection[UUID]) -> dict[UUID, int]:
    if not sku_ids:
        return {}
    units = func.sum(Hold.quantity)
    wanted = select(Hold.sku_id, units).where(Hold.sku_id.in_(sku_ids), Hold.state == state).group_by(Hold.sku_id)
    return {sku_id: int(found) for sku_id, found in db.session.execute(wanted)}
