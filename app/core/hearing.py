"""How one listener hears: its cursor, its lease, and what happens when it fails.

A listener on PostgreSQL moves its cursor in the transaction of its effects. A listener that acts outside reads a batch
under a lease, ends the transaction, acts, and moves the cursor if the lease is still its own: so each may hear a fact
twice, and none may miss one.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock, eventlog
from app.core.db import db, in_transaction
from app.core.eventlog import Entry, FailedFact, ListenerRow, Position
from app.core.events import Hearing, fact_of
from app.core.ids import new_id
from app.core.observability import FACTS
from app.core.plain import insertion, prepared

log = structlog.get_logger("worker")
LEASE = timedelta(seconds=30)
WINDOWS = 20
"""Windows of the log that are looked through in one transaction."""
SINGLY_SECONDS = 3.0
"""After a failed batch: how long one listener goes on fact by fact before others have their turn."""
HELD = -1
"""Answer of `hear`: another worker holds the listener, or what it acts on is away. Ask again soon."""


class Away(Exception):
    """Raised by a listener when what it acts on is away as a whole: the cursor stays, nothing is kept aside."""


def hear(one: Hearing) -> int:
    """Tell `one` its next batch; answers how many facts it was told, or HELD."""
    try:
        return _hear_outside(one) if one.outside else in_transaction(lambda: _hear_inside(one), name=one.name)
    except Away as error:
        db.session.rollback()
        log.warning("listener_waits", listener=one.name, reason=str(error)[:200])
        return HELD
    except Exception:
        db.session.rollback()
        log.exception("batch_failed", listener=one.name)
        return HELD if one.outside else _hear_singly(one)


def _hear_inside(one: Hearing) -> int:
    position = _own(one)
    if position is None:
        return HELD
    batch = _next(one, position)
    if batch:
        _tell(one, batch)
    return len(batch)


def _hear_outside(one: Hearing) -> int:
    holder = new_id()
    batch = in_transaction(lambda: _lease(one, holder))
    if not batch:
        return HELD if batch is None else 0
    try:
        _tell_outside(one, batch)
    except Away:
        in_transaction(lambda: _release(one, holder))
        raise
    in_transaction(lambda: _move(one, batch, holder), name=one.name)
    return len(batch)


def _tell_outside(one: Hearing, batch: Sequence[Entry]) -> None:
    """The whole batch; if that fails, one by one, the facts that fail kept aside. Raises Away."""
    try:
        _tell(one, batch)
        return
    except Away:
        raise
    except Exception:
        log.exception("batch_failed", listener=one.name)
    finally:
        db.session.rollback()
    for entry in batch:
        problem = problem_outside(one, entry)
        if problem is not None:
            in_transaction(partial(_keep_aside, one, entry, problem))


def _hear_singly(one: Hearing) -> int:
    """After a failed batch: the next facts one by one, the ones that fail kept aside."""
    told, until = 0, time.monotonic() + SINGLY_SECONDS
    while told < one.batch and time.monotonic() < until:
        found = in_transaction(lambda: _hear_one(one))
        if found <= 0:
            return told or found
        told += found
    return told


def problem_outside(one: Hearing, entry: Entry) -> str | None:
    """What went wrong with this fact, None if nothing. Raises Away."""
    try:
        _tell(one, [entry])
    except Away:
        raise
    except Exception as error:
        return _described(one, error)
    finally:
        db.session.rollback()
    return None


def _hear_one(one: Hearing) -> int:
    position = _own(one)
    if position is None:
        return HELD
    batch = _next(one, position, limit=1)
    for entry in batch:
        problem = problem_inside(one, entry)
        if problem is not None:
            _keep_aside(one, entry, problem)
    return len(batch)


def problem_inside(one: Hearing, entry: Entry) -> str | None:
    """What went wrong with this fact, None if nothing. Raises Away."""
    try:
        with db.session.begin_nested():
            _tell(one, [entry])
    except Away:
        raise
    except Exception as error:
        return _described(one, error)
    return None


def _described(one: Hearing, error: Exception) -> str:
    FACTS.labels(one.name, "failed").inc()
    return words_of(error)


def words_of(error: Exception) -> str:
    """What went wrong, for operators: the kind of error and its first line; further ones may quote a row."""
    first, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first}"[:500]


def _tell(one: Hearing, batch: Sequence[Entry]) -> None:
    one.run([fact_of(entry.name, entry.body) for entry in batch])
    FACTS.labels(one.name, "told").inc(len(batch))


_OWN = prepared(
    "SELECT era, xid::text, event_id FROM core_listeners WHERE name = :name"
    " AND (leased_until IS NULL OR leased_until < now() + :ahead) FOR UPDATE SKIP LOCKED"
)
_BEGIN = insertion(ListenerRow, "name", if_absent=True)


def _own(one: Hearing) -> Position | None:
    """How far the listener has heard, its row locked for this transaction; None while another worker has it."""
    found = _OWN.row(name=one.name, ahead=clock.ahead())
    if found is None and _BEGIN.changed(name=one.name):
        found = _OWN.row(name=one.name, ahead=clock.ahead())
    return Position(*found) if found else None


def _next(one: Hearing, position: Position, limit: int | None = None) -> list[Entry]:
    """The next batch; the cursor is moved past it in this transaction."""
    batch, passed = _ahead(one, position, limit or one.batch)
    if passed is not None:
        _set_cursor(one.name, passed)
    return batch


def _ahead(one: Hearing, position: Position, limit: int) -> tuple[list[Entry], Position | None]:
    """The next batch after `position`, and the place up to which nothing else is for this listener. Looks through
    WINDOWS windows."""
    head = eventlog.head()
    for _ in range(WINDOWS):
        batch = eventlog.entries_after(position, one.facts, limit)
        if batch:
            return batch, batch[-1].position
        end = eventlog.window_end(position)
        if end is None:
            return [], head
        position = end
    return [], position


def _lease(one: Hearing, holder: UUID) -> list[Entry] | None:
    """The next batch, held by `holder`; an empty one needs no lease, its cursor goes to the head. None: not free."""
    position = _own(one)
    if position is None:
        return None
    batch, passed = _ahead(one, position, one.batch)
    if batch:
        values = {"holder": holder, "leased_until": clock.db_now() + literal(LEASE)}
        db.session.execute(update(ListenerRow).where(ListenerRow.name == one.name).values(**values))
    elif passed is not None:
        _set_cursor(one.name, passed)
    return batch


def _move(one: Hearing, batch: Sequence[Entry], holder: UUID) -> None:
    """The cursor past the batch and the lease given up, if the lease is still ours."""
    held = db.session.scalar(
        select(ListenerRow.name).where(ListenerRow.name == one.name, ListenerRow.holder == holder).with_for_update()
    )
    if held is not None:
        _set_cursor(one.name, batch[-1].position)
        _release(one, holder)


def rewind(name: str, position: Position | None) -> None:
    """Set a listener's cursor to `position` (None: the beginning); whoever holds it now loses it, so that a batch in
    hand does not move the cursor on."""
    in_transaction(lambda: _rewind(name, position or Position(0, "0", 0)), name="rewind")


def _rewind(name: str, position: Position) -> None:
    db.session.execute(insert(ListenerRow).values(name=name).on_conflict_do_nothing())
    _set_cursor(name, position)
    free = {"holder": None, "leased_until": None}
    db.session.execute(update(ListenerRow).where(ListenerRow.name == name).values(**free))


def _release(one: Hearing, holder: UUID) -> None:
    db.session.execute(
        update(ListenerRow)
        .where(ListenerRow.name == one.name, ListenerRow.holder == holder)
        .values(holder=None, leased_until=None)
    )


_MOVE = prepared(
    "UPDATE core_listeners SET era = :era, xid = CAST(:xid AS xid8), event_id = :id, heard_at = now()"
    " WHERE name = :name"
)


def _set_cursor(name: str, position: Position) -> None:
    _MOVE.changed(**position._asdict(), name=name)


def _keep_aside(one: Hearing, entry: Entry, problem: str) -> None:
    log.error("fact_kept_aside", listener=one.name, fact=entry.name, place=entry.position.id, problem=problem)
    kept = insert(FailedFact).values(
        listener=one.name,
        event_id=entry.position.id,
        error=problem,
        next_try_at=clock.db_now() + literal(timedelta(seconds=5)),
    )
    db.session.execute(kept.on_conflict_do_nothing())
