"""Questions about stock."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.core import paging
from app.core.caller import Ref
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.ids import lowest_id_at
from app.core.plain import prepared
from app.store.inventory.models import (
    ACTIVE,
    COMMITTED,
    HELD,
    MOST_BASKETS_OF_DEVICE,
    MOST_UNITS_HELD,
    HeldFor,
    Hold,
    Movement,
    Stock,
)


def available(sku_ids: Collection[UUID]) -> dict[UUID, int]:
    """Units that may be taken now, by SKU; one that never had stock is absent. One query."""
    if not sku_ids:
        return {}
    wanted = select(Stock.sku_id, Stock.available).where(Stock.sku_id.in_(sku_ids))
    return {row.sku_id: row.available for row in db.session.execute(wanted)}


def sold_out(sku_ids: Sequence[UUID]) -> Refused:
    """The refusal that names these SKUs."""
    named = {"sku_id": [str(sku) for sku in sku_ids]}
    return Refused(409, "sold_out", "库存不足", "Not enough in stock.", errors=named)


def require_available(sku_id: UUID, seen: int) -> None:
    """Raises Refused 422 unless so many units are available as somebody saw before; they stay so until this transaction
    ends: who sets a stock by what he saw must not put back what was sold meanwhile."""
    locking = select(Stock.available).where(Stock.sku_id == sku_id).with_for_update()
    now = db.session.scalar(locking) or 0
    if now != seen:
        zh, en = f"库存刚刚变为 {now}，请按它重新填写", f"Stock has just become {now}: say again what it shall be."
        raise bad_field("stock", zh, en)


def require_few_holds(who: HeldFor, wants: Sequence[tuple[UUID, int]], releasing: Sequence[Ref] = ()) -> None:
    """Raises Refused 409 "too_much_held" where `wants` (SKU, units) would make it too much that this buyer holds of one
    SKU (MOST_UNITS_HELD, with {"sku_id": [...]}), or too many for whom this device holds (MOST_BASKETS_OF_DEVICE).

    What `releasing` holds does not count. One query. Exact for a buyer if the caller lets one request of his at a time
    pass, as checkout does; of one device a few at once may all pass.
    """
    given = {"buyer": who.buyer_id, "device": who.device_id, "skus": [sku for sku, _ in wants]}
    names = {"kinds": [one.kind for one in releasing], "subjects": [one.id for one in releasing]}
    row = _HOLDING.rows(**given, **names)[0]
    require_not_too_much(wants, {UUID(sku): int(units) for sku, units in (row.units or {}).items()}, row.of_device)


def require_not_too_much(wants: Sequence[tuple[UUID, int]], held: Mapping[UUID, int], of_device: int) -> None:
    """The rule of require_few_holds, for who holds so many units of SKUs and a device for so many."""
    units = dict(held)
    for sku, more in wants:
        units[sku] = units.get(sku, 0) + more
    over = [str(sku) for sku, sum_ in units.items() if sum_ > MOST_UNITS_HELD]
    if over:
        zh, en = (
            f"每种商品最多同时占用 {MOST_UNITS_HELD} 件",
            f"At most {MOST_UNITS_HELD} units of one kind are held for you.",
        )
        raise Refused(409, "too_much_held", zh, en, errors={"sku_id": over})
    if of_device >= MOST_BASKETS_OF_DEVICE:
        zh, en = "这台设备占用的商品太多，请先付款或取消", "This device holds too much: pay for some of it, or cancel."
        raise Refused(409, "too_much_held", zh, en)


_RELEASING = (
    "(h.subject_kind, h.subject_id) IN (SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:subjects AS uuid[])))"
)
_HOLDING = prepared(
    "SELECT (SELECT jsonb_object_agg(sku_id, units) FROM (SELECT h.sku_id, sum(h.quantity) AS units"
    "   FROM inventory_holds h WHERE h.buyer_id = :buyer AND h.state = 'active'"
    f"   AND h.sku_id = ANY(CAST(:skus AS uuid[])) AND NOT {_RELEASING} GROUP BY h.sku_id) AS mine) AS units,"
    " (SELECT count(DISTINCT h.subject_id) FROM inventory_holds h WHERE h.device_id = :device AND h.state = 'active'"
    f"   AND NOT {_RELEASING}) AS of_device"
)

HAD = (
    "SELECT (SELECT coalesce(sum(h.quantity), 0)::bigint FROM inventory_holds h"
    " WHERE h.buyer_id = :buyer_id AND h.state = 'active' AND h.sku_id = :sku) AS held,"
    " (SELECT count(DISTINCT h.subject_id) FROM inventory_holds h WHERE h.device_id = :device_id"
    "  AND h.state = 'active') AS of_device"
)
"""SQL for what a buyer holds of one SKU, and for how many a device holds anything."""
MAY_HOLD = f"SELECT held + :units <= {MOST_UNITS_HELD} AND of_device < {MOST_BASKETS_OF_DEVICE} FROM had"
LOCKED = (
    "SELECT s.sku_id, s.available, s.low_at, s.warehouse_id FROM inventory_stock s JOIN {} USING (sku_id)"
    " ORDER BY s.sku_id FOR UPDATE OF s"
)
"""SQL that locks the stock of the SKUs of a query that has this name."""
MINE = (
    "SELECT h.id, h.sku_id, h.quantity, s.kind, s.id AS subject FROM inventory_holds h"
    " JOIN unnest(CAST(:kinds AS text[]), CAST(:subjects AS uuid[])) AS s (kind, id)"
    "  ON h.subject_kind = s.kind AND h.subject_id = s.id WHERE h.state = 'active' ORDER BY h.id FOR UPDATE OF h"
)
"""SQL that locks what these subjects hold."""
SUMS = (
    "changes AS (SELECT sku_id, sum(back)::bigint AS back, sum(units)::bigint AS units FROM ("
    "   SELECT sku_id, 0 AS back, units FROM wanted UNION ALL SELECT sku_id, quantity, 0 FROM mine) AS both_ways"
    "  GROUP BY sku_id),"
    f" locked AS ({LOCKED.format('changes')}),"
    " sums AS (SELECT c.sku_id, l.available AS was, l.available + c.back - c.units AS is_now, c.units, l.low_at,"
    "  l.warehouse_id FROM changes c LEFT JOIN locked l USING (sku_id)),"
    " verdict AS (SELECT bool_and(coalesce(is_now >= 0, false)) AS is_enough FROM sums)"
)
"""SQL for what would be left if `wanted` were taken and `mine` given back, and whether that is enough."""
# No hold ends before it is made. A hold that ended before holds noted when has its deadline for that.
OLD = (
    f"SELECT id FROM inventory_holds WHERE id < {lowest_id_at('now() + :ago')} AND state <> 'active'"
    "  AND coalesce(ended_at, expires_at) < now() + :ago"
    " ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED"
)
"""SQL that locks holds that ended long ago, and that nobody else looks at."""


def stocks(sku_ids: Collection[UUID]) -> dict[UUID, Stock]:
    """The stock of these SKUs, with its warehouse and when it is low. One query."""
    if not sku_ids:
        return {}
    return {one.sku_id: one for one in db.session.scalars(select(Stock).where(Stock.sku_id.in_(sku_ids)))}


def movements(sku_ids: Collection[UUID], limit: int, cursor: str | None) -> tuple[list[Movement], str | None]:
    """A page of what moved these SKUs, the latest first, and the cursor of the next page. One query."""
    scope = "movements:" + ",".join(sorted(one.hex for one in sku_ids))
    place = paging.values_of(scope, cursor)
    wanted = select(Movement).where(Movement.sku_id.in_(sku_ids)).order_by(Movement.id.desc()).limit(limit + 1)
    if place is not None:
        wanted = wanted.where(Movement.id < place[0])
    found = list(db.session.scalars(wanted))
    return found[:limit], paging.cursor(scope, [found[limit - 1].id]) if len(found) > limit else None


def moved_by(subject: Ref, reason: str) -> set[UUID]:
    """The SKUs that this subject has moved for this reason. One query."""
    its = (Movement.subject_id == subject.id, Movement.subject_kind == subject.kind, Movement.reason == reason)
    return set(db.session.scalars(select(Movement.sku_id).where(*its)))


def was_ever_held(sku_ids: Collection[UUID]) -> bool:
    """Whether somebody ever began to buy one of these SKUs. One query."""
    wanted = select(Movement.id).where(Movement.sku_id.in_(sku_ids), Movement.reason == HELD).limit(1)
    return bool(sku_ids) and db.session.scalar(wanted) is not None


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
