"""What is done to stock: set, hold, pass on, commit, release.

Each is one statement that locks the rows it needs in the order of their ids, holds before stock, so that no two baskets
wait for each other in a circle; and each is a compare-and-set on the state of the hold, so that whoever comes second
changes nothing. Call `hold` as late in a transaction as can be: the rows of its stock stay locked until it ends.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Uuid,
    bindparam,
    literal,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core import clock
from app.core.caller import PERSON, SYSTEM, Ref
from app.core.db import changed
from app.core.errors import Refused
from app.core.events import emit
from app.core.ids import lowest_id_at, new_id
from app.core.plain import Prepared, prepared
from app.store.inventory.events import StockRanOut, StockReturned
from app.store.inventory.models import ACTIVE, KEPT_DAYS, Hold

Until = int | datetime | ColumnElement[datetime]
"""A deadline: whole seconds from the database's now, a time, or SQL for one."""


def set_stock(sku_id: UUID, available: int, by: UUID | None = None) -> None:
    """Set the units available of one SKU, made if absent. `by` is the person who does."""
    set_stocks({sku_id: available}, by)


def set_stocks(stocks: Mapping[UUID, int], by: UUID | None = None) -> None:
    """Set the units available of many SKUs in two statements. Units that are held stay held."""
    if not stocks:
        return
    skus = sorted(stocks)
    fresh = {row.sku_id for row in _MAKE.rows(skus=skus)}
    given = {"skus": skus, "units": [stocks[sku] for sku in skus], "kind": PERSON if by else SYSTEM, "by": by}
    for sku_id, before, after in _SET.rows(**given):
        if sku_id not in fresh:
            _tell(sku_id, before, after)


def hold(subject: Ref, wants: Sequence[tuple[UUID, int]], seconds: int, releasing: Sequence[Ref] = ()) -> list[UUID]:
    """Take units for `subject`: all of `wants` (SKU, units > 0) or none. Answers the ids of the holds, as in `wants`.

    `seconds` until whoever holds means to give them back; nothing here does it for him. `releasing`: subjects whose
    holds are given back in the same statement (the basket as it was before an edit; the oldest checkout that makes room
    for a new one). Raises Refused 409 "sold_out" with {"sku_id": [id, ...]}; then nothing is given back either.
    """
    if not wants:
        release_holds(*releasing)
        return []
    holds = [new_id() for _ in wants]
    given = {"kind": subject.kind, "subject": subject.id, "ahead": timedelta(seconds=seconds)}
    if len(wants) == 1 and not releasing:
        _hold_one(*wants[0], {**given, "hold": holds[0]})
    else:
        _hold_all(wants, {**given, **_named(releasing), "holds": holds})
    return holds


def extend_holds(subject: Ref, until: Until) -> int:
    """Move the deadline of a subject's active holds; answers how many there are."""
    return changed(update(Hold).where(*_active(subject)).values(expires_at=_moment(until)))


def pass_on_holds(old: Ref, new: Ref, seconds: int) -> int:
    """Give `old`'s active holds to `new` without touching stock; answers how many: fewer than lines means too late.

    `seconds` from now are their new deadline.
    """
    given = {"kind": old.kind, "subject": old.id, "new_kind": new.kind, "new_subject": new.id}
    return _PASS_ON.changed(**given, ahead=timedelta(seconds=seconds) + clock.ahead())


def commit_holds(subject: Ref) -> int:
    """What `subject` holds is sold; answers how many holds were active until now."""
    return _COMMIT.changed(kind=subject.kind, subject=subject.id, moved=clock.ahead())


def release_holds(*subjects: Ref) -> int:
    """Give back what these subjects hold; answers how many holds were active until now. Sweeps pass a whole batch."""
    if not subjects:
        return 0
    rows = _RELEASE.rows(**_named(subjects))
    for sku_id, before, back, _ in rows:
        _tell(sku_id, before, before + back)
    return sum(count for *_, count in rows)


def restock(units: Mapping[UUID, int], subject: Ref, reason: str) -> int:
    """Put back what was sold; answers how many SKUs it put back. A subject puts each back once for a reason."""
    given = {"skus": sorted(units), "units": [units[sku] for sku in sorted(units)], "reason": reason}
    rows = _RESTOCK.rows(**given, kind=subject.kind, subject=subject.id)
    for sku_id, before, after in rows:
        _tell(sku_id, before, after)
    return len(rows)


def forget_ended(most: int = 500) -> int:
    """Delete holds that were committed or released more than KEPT_DAYS ago; a sweep. Answers how many.

    Nothing refers to them by then: whoever asks for a subject's holds wants active ones, which stay however old they
    are, and what they moved stays in the movements.
    """
    return _FORGET.changed(most=most, ago=clock.ahead() - timedelta(days=KEPT_DAYS))


def _hold_one(sku_id: UUID, units: int, given: dict[str, Any]) -> None:
    """The usual basket, and the one that all want at once: the row is locked for as short as can be."""
    taken = _HOLD_ONE.row(**given, sku=sku_id, units=units)
    if taken is None:
        raise _sold_out([sku_id])
    _tell(sku_id, taken.available + units, taken.available)


def _hold_all(wants: Sequence[tuple[UUID, int]], given: dict[str, Any]) -> None:
    skus = [sku for sku, _ in wants]
    rows = _HOLD.rows(**given, skus=skus, units=[units for _, units in wants])
    lacking = {sku for sku, _, after in rows if after is None or after < 0}
    if lacking:
        raise _sold_out([sku for sku in dict.fromkeys(skus) if sku in lacking])
    for sku, before, after in rows:
        _tell(sku, before, after)


def _named(subjects: Sequence[Ref]) -> dict[str, object]:
    names = {"kinds": [one.kind for one in subjects], "subjects": [one.id for one in subjects]}
    return {**names, "moved": clock.ahead()}


def _active(subject: Ref) -> tuple[ColumnElement[bool], ...]:
    return Hold.subject_kind == subject.kind, Hold.subject_id == subject.id, Hold.state == ACTIVE


def _moment(until: Until) -> datetime | ColumnElement[datetime]:
    return clock.db_now() + literal(timedelta(seconds=until)) if isinstance(until, int) else until


def _sold_out(skus: Sequence[UUID]) -> Refused:
    named = {"sku_id": [str(sku) for sku in skus]}
    return Refused(409, "sold_out", "库存不足", "Not enough in stock.", errors=named)


def _tell(sku_id: UUID, before: int, after: int) -> None:
    if before > 0 and after == 0:
        emit(StockRanOut(sku_id))
    elif before == 0 and after > 0:
        emit(StockReturned(sku_id))


def _prepared(sql: str) -> Prepared:
    """A statement whose arrays are typed, since PostgreSQL has to know."""
    kinds: dict[str, ARRAY[Any]] = {
        "skus": ARRAY(Uuid()),
        "units": ARRAY(BigInteger()),
        "holds": ARRAY(Uuid()),
        "subjects": ARRAY(Uuid()),
    }
    typed = (bindparam(name, type_=kind) for name, kind in kinds.items() if f":{name}" in sql)
    return Prepared(text(sql).bindparams(*typed))


_MAKE = _prepared(
    "INSERT INTO inventory_stock (sku_id, available) SELECT sku_id, 0 FROM unnest(:skus) AS sku_id ORDER BY sku_id"
    " ON CONFLICT DO NOTHING RETURNING sku_id"
)
_SET = _prepared(
    "WITH before AS (SELECT sku_id, available FROM inventory_stock WHERE sku_id = ANY(:skus)"
    "  ORDER BY sku_id FOR UPDATE),"
    " done AS (UPDATE inventory_stock s SET available = w.units"
    "  FROM before b JOIN unnest(:skus, :units) AS w (sku_id, units) ON w.sku_id = b.sku_id"
    "  WHERE s.sku_id = b.sku_id RETURNING s.sku_id, b.available AS was, w.units AS is_now),"
    " logged AS (INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, subject_id)"
    "  SELECT sku_id, is_now - was, 'set', :kind, :by FROM done WHERE is_now <> was)"
    " SELECT sku_id, was, is_now FROM done"
)
_MINE = (
    "SELECT h.id, h.sku_id, h.quantity, s.kind, s.id AS subject FROM inventory_holds h"
    " JOIN unnest(CAST(:kinds AS text[]), :subjects) AS s (kind, id)"
    "  ON h.subject_kind = s.kind AND h.subject_id = s.id WHERE h.state = 'active' ORDER BY h.id FOR UPDATE OF h"
)
_HOLD_ONE = prepared(
    "WITH taken AS (UPDATE inventory_stock SET available = available - :units"
    "  WHERE sku_id = :sku AND available >= :units RETURNING available),"
    " held AS (INSERT INTO inventory_holds (id, sku_id, quantity, subject_kind, subject_id, state, expires_at)"
    "  SELECT :hold, :sku, :units, :kind, :subject, 'active', now() + :ahead FROM taken),"
    " logged AS (INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, subject_id)"
    "  SELECT :sku, -:units, 'held', :kind, :subject FROM taken)"
    " SELECT available FROM taken"
)
# What is given back and what is taken meet in `sums`, over rows that are locked and up to date: all of it happens, or
# none.
_HOLD = _prepared(
    f"WITH mine AS ({_MINE}),"
    " wanted AS (SELECT * FROM unnest(:skus, :units, :holds) AS w (sku_id, units, hold_id)),"
    " changes AS (SELECT sku_id, sum(back)::bigint AS back, sum(units)::bigint AS units FROM ("
    "   SELECT sku_id, 0 AS back, units FROM wanted UNION ALL SELECT sku_id, quantity, 0 FROM mine) AS both_ways"
    "  GROUP BY sku_id),"
    " locked AS (SELECT s.sku_id, s.available FROM inventory_stock s JOIN changes USING (sku_id)"
    "  ORDER BY s.sku_id FOR UPDATE OF s),"
    " sums AS (SELECT c.sku_id, l.available AS was, l.available + c.back - c.units AS is_now, c.units"
    "  FROM changes c LEFT JOIN locked l USING (sku_id)),"
    " verdict AS (SELECT bool_and(coalesce(is_now >= 0, false)) AS is_enough FROM sums),"
    " taken AS (UPDATE inventory_stock s SET available = m.is_now FROM sums m"
    "  WHERE s.sku_id = m.sku_id AND (SELECT is_enough FROM verdict)),"
    " freed AS (UPDATE inventory_holds SET state = 'released', ended_at = now() + :moved"
    "  WHERE id IN (SELECT id FROM mine) AND (SELECT is_enough FROM verdict)),"
    " held AS (INSERT INTO inventory_holds (id, sku_id, quantity, subject_kind, subject_id, state, expires_at)"
    "  SELECT hold_id, sku_id, units, :kind, :subject, 'active', now() + :ahead FROM wanted"
    "  WHERE (SELECT is_enough FROM verdict)),"
    " logged AS (INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, subject_id)"
    "  SELECT sku_id, sum(quantity)::bigint, 'released', kind, subject FROM mine WHERE (SELECT is_enough FROM verdict)"
    "   GROUP BY sku_id, kind, subject"
    "  UNION ALL SELECT sku_id, -units, 'held', :kind, :subject FROM sums"
    "   WHERE units > 0 AND (SELECT is_enough FROM verdict))"
    " SELECT sku_id, was, is_now FROM sums"
)
_RESTOCK = _prepared(
    "WITH locked AS (SELECT s.sku_id, s.available, w.units FROM inventory_stock s"
    "  JOIN unnest(:skus, :units) AS w (sku_id, units) ON w.sku_id = s.sku_id"
    "  WHERE NOT EXISTS (SELECT FROM inventory_movements m WHERE m.sku_id = s.sku_id AND m.reason = :reason"
    "   AND m.subject_kind = :kind AND m.subject_id = :subject) ORDER BY s.sku_id FOR UPDATE OF s),"
    " logged AS (INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, subject_id)"
    "  SELECT sku_id, units, :reason, :kind, :subject FROM locked)"
    " UPDATE inventory_stock s SET available = s.available + l.units FROM locked l WHERE l.sku_id = s.sku_id"
    " RETURNING s.sku_id, l.available AS was, s.available AS is_now"
)
_PASS_ON = prepared(
    "UPDATE inventory_holds SET subject_kind = :new_kind, subject_id = :new_subject, expires_at = now() + :ahead"
    " WHERE subject_kind = :kind AND subject_id = :subject AND state = 'active'"
)
_COMMIT = prepared(
    "UPDATE inventory_holds SET state = 'committed', ended_at = now() + :moved WHERE state = 'active' AND id IN ("
    " SELECT id FROM inventory_holds WHERE subject_kind = :kind AND subject_id = :subject AND state = 'active'"
    " ORDER BY id FOR UPDATE)"
)
_RELEASE = _prepared(
    f"WITH mine AS ({_MINE}),"
    " locked AS (SELECT sku_id, available FROM inventory_stock WHERE sku_id IN (SELECT sku_id FROM mine)"
    "  ORDER BY sku_id FOR UPDATE),"
    " freed AS (UPDATE inventory_holds SET state = 'released', ended_at = now() + :moved"
    "  WHERE id IN (SELECT id FROM mine)),"
    " summed AS (SELECT sku_id, sum(quantity)::bigint AS units, count(*) AS holds FROM mine GROUP BY sku_id),"
    " back AS (UPDATE inventory_stock s SET available = s.available + m.units FROM summed m JOIN locked USING (sku_id)"
    "  WHERE s.sku_id = m.sku_id),"
    " logged AS (INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, subject_id)"
    "  SELECT sku_id, sum(quantity)::bigint, 'released', kind, subject FROM mine GROUP BY sku_id, kind, subject)"
    " SELECT m.sku_id, l.available, m.units, m.holds FROM summed m JOIN locked l USING (sku_id)"
)
# No hold ends before it is made. A hold that ended before holds noted when has its deadline for that.
_FORGET = prepared(
    "WITH old AS (SELECT id FROM inventory_holds"
    f"  WHERE id < {lowest_id_at('now() + :ago')} AND state <> 'active'"
    "   AND coalesce(ended_at, expires_at) < now() + :ago"
    "  ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)"
    " DELETE FROM inventory_holds WHERE id IN (SELECT id FROM old)"
)
