"""What is done to stock: set, receive, move, hold, pass on, commit, release, put back, send in place of another.

Each is one statement that locks the rows it needs in the order of their ids, holds before stock, so that no two baskets
wait for each other in a circle; and each is a compare-and-set on the state of the hold, so that whoever comes second
changes nothing. Call `hold` as late in a transaction as can be: the rows of its stock stay locked until it ends.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.caller import PERSON, SYSTEM, Ref
from app.core.events import emit
from app.core.ids import new_id
from app.core.plain import Row, prepared
from app.store.inventory.events import StockRanLow, StockRanOut, StockRefilled, StockReturned
from app.store.inventory.models import KEPT_DAYS, LEAVING, RESTOCKING, HeldFor
from app.store.inventory.queries import (
    HAD,
    LOCKED,
    MAY_HOLD,
    MINE,
    OLD,
    SUMS,
    moved_by,
    require_few_holds,
    require_not_too_much,
    sold_out,
)


def set_stock(sku_id: UUID, available: int, by: UUID | None = None) -> None:
    """As set_stocks, of one SKU."""
    set_stocks({sku_id: available}, by)


def set_stocks(stocks: Mapping[UUID, int], by: UUID | None = None) -> None:
    """Set the units available of SKUs, made if absent, in two statements; held ones stay held. `by`: the person."""
    if not stocks:
        return
    skus = sorted(stocks)
    fresh = {row.sku_id for row in _MAKE.rows(skus=skus)}
    given = {"skus": skus, "units": [stocks[sku] for sku in skus], "kind": PERSON if by else SYSTEM, "by": by}
    for sku_id, before, after, low in _SET.rows(**given):
        if sku_id not in fresh:
            _tell(sku_id, before, after, low)


def change_stock(sku_id: UUID, units: int, reason: str, by: Ref, why: str = "") -> int:
    """Add units (below 0: take away) for a reason of models.REASONS; answers how many are available then.

    Raises Refused 422 where that would be less than none: units that are held cannot be taken away.
    """
    [row] = _change({sku_id: units}, reason, by, why)
    return int(row.is_now)


def restock(units: Mapping[UUID, int], subject: Ref, reason: str) -> int:
    """Put back what was sold, for one of models.RESTOCKING. Answers how many SKUs it put back; a subject (a return, a
    cancellation) puts each back once for a reason, however often it is told."""
    if reason not in RESTOCKING:
        raise ValueError(f"nothing is put back for {reason!r}")
    return len(_change(units, reason, subject)) if units else 0


def take_out(units: Mapping[UUID, int], subject: Ref, reason: str) -> None:
    """Take what leaves the house without being bought, for one of models.LEAVING: all of it, or none; once for a
    subject and reason, however often it is told. Raises Refused 409 "sold_out" with {"sku_id": [id, ...]}."""
    if reason not in LEAVING:
        raise ValueError(f"nothing is taken out for {reason!r}")
    taken = {row.sku_id for row in _change({sku: -units[sku] for sku in units}, reason, subject, least=0)}
    lacking = set(units) - taken - moved_by(subject, reason)
    if lacking:
        raise sold_out(sorted(lacking))


def move_stock(sku_ids: Sequence[UUID], warehouse_id: UUID | None, by: Ref) -> int:
    """All units of these SKUs lie in that warehouse now; answers how many were elsewhere. A move is two movements."""
    return len(_MOVE.rows(skus=list(sku_ids), to=warehouse_id, kind=by.kind, by=by.id))


def watch_stock(sku_id: UUID, low_at: int | None) -> None:
    """From so many units down the shop wants to know; None: never."""
    row = _WATCH.row(sku=sku_id, low=low_at)
    if row is not None and low_at is not None and row.available <= low_at:
        emit(StockRanLow(sku_id))


def hold(
    subject: Ref,
    wants: Sequence[tuple[UUID, int]],
    seconds: int,
    releasing: Sequence[Ref] = (),
    who: HeldFor | None = None,
) -> list[UUID]:
    """Take units for `subject`: all of `wants` (SKU, units > 0) or none. Answers the ids of the holds, as in `wants`.

    `seconds` until whoever holds means to give them back; nothing here does it for him. `releasing`: subjects whose
    holds are given back in the same statement (the basket before an edit; the checkout that makes room for another).
    Raises Refused 409 "sold_out" with {"sku_id": [id, ...]}, "too_much_held" as require_few_holds where `who` is behind
    it; then nothing is given back either.
    """
    if not wants:
        release_holds(*releasing)
        return []
    holds = [new_id() for _ in wants]
    given = {"kind": subject.kind, "subject": subject.id, "ahead": timedelta(seconds=seconds)}
    given |= (who or HeldFor())._asdict()
    if len(wants) == 1 and not releasing and who is not None:
        _hold_one(*wants[0], {**given, "hold": holds[0]})
    else:
        if who is not None:
            require_few_holds(who, wants, releasing)
        _hold_all(wants, {**given, **_named(releasing), "holds": holds})
    return holds


def extend_holds(subject: Ref, until: datetime) -> int:
    """Move the deadline of a subject's active holds; answers how many there are."""
    return _EXTEND.changed(kind=subject.kind, subject=subject.id, until=until)


def pass_on_holds(old: Ref, new: Ref, seconds: int) -> int:
    """Give `old`'s active holds to `new` without touching stock; answers how many: fewer than lines means too late.

    `seconds` from now are their new deadline.
    """
    given = {"kind": old.kind, "subject": old.id, "ahead": timedelta(seconds=seconds) + clock.ahead()}
    return _PASS_ON.changed(**given, new_kind=new.kind, new_subject=new.id)


def commit_holds(subject: Ref) -> int:
    """What `subject` holds is sold; answers how many holds were active until now."""
    return _COMMIT.changed(kind=subject.kind, subject=subject.id, moved=clock.ahead())


def release_holds(*subjects: Ref) -> int:
    """Give back what these subjects hold; answers how many holds were active until now. Sweeps pass a whole batch."""
    if not subjects:
        return 0
    rows = _RELEASE.rows(**_named(subjects))
    for sku_id, before, back, _, low in rows:
        _tell(sku_id, before, before + back, low)
    return sum(row.holds for row in rows)


def adopt_holds(guest: Ref, person: Ref) -> int:
    """What is held for a guest counts as held for the person that he became; answers how many."""
    return _ADOPT.changed(guest=guest.id, person=person.id)


def forget_ended(most: int = 500) -> int:
    """Delete holds that were committed or released more than KEPT_DAYS ago; a sweep. Answers how many.

    Nothing refers to them by then: whoever asks for a subject's holds wants active ones, which stay however old they
    are, and what they moved stays in the movements.
    """
    return _FORGET.changed(most=most, ago=clock.ahead() - timedelta(days=KEPT_DAYS))


def _hold_one(sku_id: UUID, units: int, given: dict[str, Any]) -> None:
    """The usual basket, and the one that all want at once: one statement looks and takes, so its lock is short."""
    found = _HOLD_ONE.rows(**given, sku=sku_id, units=units)[0]
    require_not_too_much([(sku_id, units)], {sku_id: found.held}, found.of_device)
    if found.available is None:
        raise sold_out([sku_id])
    _tell(sku_id, found.available + units, found.available, found.low_at)


def _hold_all(wants: Sequence[tuple[UUID, int]], given: dict[str, Any]) -> None:
    skus = [sku for sku, _ in wants]
    rows = _HOLD.rows(**given, skus=skus, units=[units for _, units in wants])
    lacking = {row.sku_id for row in rows if row.is_now is None or row.is_now < 0}
    if lacking:
        raise sold_out([sku for sku in dict.fromkeys(skus) if sku in lacking])
    for row in rows:
        _tell(*row)


def _change(units: Mapping[UUID, int], reason: str, by: Ref, why: str = "", least: int = -(2**62)) -> list[Row]:
    """What was changed: nothing twice, and no SKU of which less than `least` would be left."""
    skus = sorted(units)
    given = {"reason": reason, "kind": by.kind, "by": by.id, "why": why, "least": least}
    rows = _CHANGE.rows(skus=skus, units=[units[sku] for sku in skus], **given)
    for row in rows:
        _tell(*row)
    return rows


def _named(subjects: Sequence[Ref]) -> dict[str, object]:
    names = {"kinds": [one.kind for one in subjects], "subjects": [one.id for one in subjects]}
    return {**names, "moved": clock.ahead()}


def _tell(sku_id: UUID, before: int, after: int, low_at: int | None) -> None:
    passed: list[tuple[bool, type]] = [(before > 0 == after, StockRanOut), (before == 0 < after, StockReturned)]
    if low_at is not None:
        passed += [(before > low_at >= after, StockRanLow), (before <= low_at < after, StockRefilled)]
    for _, fact in (one for one in passed if one[0]):
        emit(fact(sku_id))


_LOG = "INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, subject_id, warehouse_id, why)"
_WANTED = "unnest(CAST(:skus AS uuid[]), CAST(:units AS bigint[])"
_MAKE = prepared(
    "INSERT INTO inventory_stock (sku_id, available) SELECT sku_id, 0 FROM unnest(CAST(:skus AS uuid[])) AS sku_id"
    " ORDER BY sku_id ON CONFLICT DO NOTHING RETURNING sku_id"
)
_SET = prepared(
    "WITH before AS (SELECT sku_id, available, low_at, warehouse_id FROM inventory_stock WHERE sku_id = ANY(:skus)"
    "  ORDER BY sku_id FOR UPDATE),"
    " done AS (UPDATE inventory_stock s SET available = w.units"
    f"  FROM before b JOIN {_WANTED}) AS w (sku_id, units) ON w.sku_id = b.sku_id"
    "  WHERE s.sku_id = b.sku_id RETURNING s.sku_id, b.available AS was, w.units AS is_now, b.low_at, b.warehouse_id),"
    f" logged AS ({_LOG} SELECT sku_id, is_now - was, 'set', :kind, :by, warehouse_id, '' FROM done"
    "  WHERE is_now <> was)"
    " SELECT sku_id, was, is_now, low_at FROM done"
)
# Of what a subject has put back already no movement is written again, and without one nothing is put back.
_CHANGE = prepared(
    f"WITH wanted AS (SELECT * FROM {_WANTED}) AS w (sku_id, units)),"
    f" locked AS ({LOCKED.format('wanted')}),"
    f" logged AS ({_LOG} SELECT sku_id, units, :reason, :kind, :by, warehouse_id, :why FROM wanted JOIN locked"
    "  USING (sku_id) WHERE available + units >= :least ON CONFLICT DO NOTHING RETURNING sku_id, delta),"
    " done AS (UPDATE inventory_stock s SET available = l.available + n.delta FROM logged n JOIN locked l"
    "  USING (sku_id) WHERE s.sku_id = l.sku_id)"
    " SELECT sku_id, l.available AS was, l.available + n.delta AS is_now, l.low_at FROM logged n JOIN locked l"
    "  USING (sku_id)"
)
_MOVE = prepared(
    "WITH locked AS (SELECT sku_id, available, warehouse_id FROM inventory_stock WHERE sku_id = ANY(:skus)"
    "  AND warehouse_id IS DISTINCT FROM CAST(:to AS uuid) ORDER BY sku_id FOR UPDATE),"
    " moved AS (UPDATE inventory_stock s SET warehouse_id = CAST(:to AS uuid) FROM locked l WHERE s.sku_id = l.sku_id),"
    f" logged AS ({_LOG} SELECT sku_id, -available, 'moved', :kind, CAST(:by AS uuid), warehouse_id, '' FROM locked"
    "  UNION ALL SELECT sku_id, available, 'moved', :kind, CAST(:by AS uuid), CAST(:to AS uuid), '' FROM locked)"
    " SELECT sku_id FROM locked"
)
_WATCH = prepared("UPDATE inventory_stock SET low_at = :low WHERE sku_id = :sku RETURNING available")
_HOLDS = "(id, sku_id, quantity, subject_kind, subject_id, state, expires_at, buyer_id, device_id)"
_HELD = f"INSERT INTO inventory_holds {_HOLDS}"
_HOLD_ONE = prepared(
    f"WITH had AS ({HAD}),"
    " taken AS (UPDATE inventory_stock SET available = available - :units"
    f"  WHERE sku_id = :sku AND available >= :units AND ({MAY_HOLD}) RETURNING available, low_at, warehouse_id),"
    f" held AS ({_HELD} SELECT :hold, :sku, :units, :kind, :subject, 'active', now() + :ahead, :buyer_id, :device_id"
    "  FROM taken),"
    f" logged AS ({_LOG} SELECT :sku, -:units, 'held', :kind, :subject, warehouse_id, '' FROM taken)"
    " SELECT had.held, had.of_device, taken.available, taken.low_at FROM had LEFT JOIN taken ON true"
)
# What is given back and what is taken meet in `sums`, over rows that are locked: all of it happens, or none.
_HOLD = prepared(
    f"WITH mine AS ({MINE}),"
    f" wanted AS (SELECT * FROM {_WANTED}, CAST(:holds AS uuid[])) AS w (sku_id, units, hold_id)),"
    f" {SUMS},"
    " taken AS (UPDATE inventory_stock s SET available = m.is_now FROM sums m"
    "  WHERE s.sku_id = m.sku_id AND (SELECT is_enough FROM verdict)),"
    " freed AS (UPDATE inventory_holds SET state = 'released', ended_at = now() + :moved"
    "  WHERE id IN (SELECT id FROM mine) AND (SELECT is_enough FROM verdict)),"
    f" held AS ({_HELD} SELECT hold_id, sku_id, units, :kind, :subject, 'active', now() + :ahead, :buyer_id, :device_id"
    "  FROM wanted WHERE (SELECT is_enough FROM verdict)),"
    f" logged AS ({_LOG} SELECT sku_id, sum(quantity)::bigint, 'released', kind, subject, s.warehouse_id, ''"
    "   FROM mine JOIN sums s USING (sku_id) WHERE (SELECT is_enough FROM verdict)"
    "   GROUP BY sku_id, kind, subject, s.warehouse_id"
    "  UNION ALL SELECT sku_id, -units, 'held', :kind, :subject, warehouse_id, '' FROM sums"
    "   WHERE units > 0 AND (SELECT is_enough FROM verdict))"
    " SELECT sku_id, was, is_now, low_at FROM sums"
)
_PASS_ON = prepared(
    "UPDATE inventory_holds SET subject_kind = :new_kind, subject_id = :new_subject, expires_at = now() + :ahead"
    " WHERE subject_kind = :kind AND subject_id = :subject AND state = 'active'"
)
_EXTEND = prepared(
    "UPDATE inventory_holds SET expires_at = :until"
    " WHERE subject_kind = :kind AND subject_id = :subject AND state = 'active'"
)
_COMMIT = prepared(
    "UPDATE inventory_holds SET state = 'committed', ended_at = now() + :moved WHERE state = 'active' AND id IN ("
    " SELECT id FROM inventory_holds WHERE subject_kind = :kind AND subject_id = :subject AND state = 'active'"
    " ORDER BY id FOR UPDATE)"
)
_ADOPT = prepared(
    "UPDATE inventory_holds SET buyer_id = :person WHERE id IN (SELECT id FROM inventory_holds"
    " WHERE buyer_id = :guest AND state = 'active' ORDER BY id FOR UPDATE)"
)
_RELEASE = prepared(
    f"WITH mine AS ({MINE}),"
    " summed AS (SELECT sku_id, sum(quantity)::bigint AS units, count(*) AS holds FROM mine GROUP BY sku_id),"
    f" locked AS ({LOCKED.format('summed')}),"
    " freed AS (UPDATE inventory_holds SET state = 'released', ended_at = now() + :moved"
    "  WHERE id IN (SELECT id FROM mine)),"
    " back AS (UPDATE inventory_stock s SET available = s.available + m.units FROM summed m JOIN locked USING (sku_id)"
    "  WHERE s.sku_id = m.sku_id),"
    f" logged AS ({_LOG} SELECT sku_id, sum(quantity)::bigint, 'released', kind, subject, l.warehouse_id, ''"
    "  FROM mine JOIN locked l USING (sku_id) GROUP BY sku_id, kind, subject, l.warehouse_id)"
    " SELECT m.sku_id, l.available, m.units, m.holds, l.low_at FROM summed m JOIN locked l USING (sku_id)"
)
_FORGET = prepared(f"WITH old AS ({OLD}) DELETE FROM inventory_holds WHERE id IN (SELECT id FROM old)")
