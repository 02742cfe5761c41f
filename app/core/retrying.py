"""Facts kept aside: told again to the listener that could not take them, with a wait that doubles; or when an operator
says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal, select, update

from app.core import clock, eventlog
from app.core.db import changed, db, in_transaction
from app.core.eventlog import Entry, EventRow, FailedFact
from app.core.events import Hearing, hearings
from app.core.hearing import Away, problem_inside, problem_outside


def retry_failed(listeners: Sequence[Hearing] | None = None) -> int:
    """Tell one kept-aside fact of these listeners (None: of all) again whose time has come; answers how many."""
    known = {one.name: one for one in (hearings() if listeners is None else listeners)}
    claimed = in_transaction(lambda: _claim(list(known)))
    if claimed is None:
        return 0
    failed_id, listener, event_id = claimed
    found = in_transaction(lambda: eventlog.entry(event_id))
    try:
        problem = None if found is None else _told_again(known[listener], found)
    except Away as error:
        problem = str(error)
    in_transaction(lambda: _settle(failed_id, problem))
    return 1


def _claim(listeners: list[str]) -> tuple[int, str, int] | None:
    """The next fact that is due, its next try put off with a doubled wait, so that no other worker takes it."""
    row = db.session.scalar(
        select(FailedFact)
        .where(FailedFact.next_try_at <= clock.db_now(), FailedFact.listener.in_(listeners))
        .order_by(FailedFact.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    wait = timedelta(seconds=min(3600, 5 * 2 ** min(row.tries, 10)))
    db.session.execute(
        update(FailedFact)
        .where(FailedFact.id == row.id)
        .values(tries=FailedFact.tries + 1, next_try_at=clock.db_now() + literal(wait))
    )
    return row.id, row.listener, row.event_id


def _told_again(one: Hearing, entry: Entry) -> str | None:
    return problem_outside(one, entry) if one.outside else in_transaction(lambda: problem_inside(one, entry))


def _settle(failed_id: int, problem: str | None) -> None:
    mine = FailedFact.id == failed_id
    still_failing = update(FailedFact).where(mine).values(error=problem)
    db.session.execute(still_failing if problem else delete(FailedFact).where(mine))


@dataclass(frozen=True, slots=True)
class KeptAside:
    """A fact that a listener could not take. `subjects`: the ids that it names, and nothing else of it."""

    id: int
    listener: str
    fact: str
    subjects: tuple[str, ...]
    tries: int
    next_try_at: datetime
    error: str


def kept_aside(limit: int, after: int = 0, listener: str | None = None) -> list[KeptAside]:
    """Facts kept aside by this listener (None: by any), the longest kept first, from the id `after` on. One query."""
    wanted = select(FailedFact, EventRow.name, EventRow.body).outerjoin(EventRow, EventRow.id == FailedFact.event_id)
    wanted = wanted.where(FailedFact.id > after, *_of(listener)).order_by(FailedFact.id).limit(limit)
    return [
        KeptAside(row.id, row.listener, fact or "", _ids_in(body or {}), row.tries, row.next_try_at, row.error)
        for row, fact, body in db.session.execute(wanted)
    ]


def kept_aside_counts() -> dict[str, int]:
    """How many facts each listener has kept aside; one that has none is absent."""
    counted = select(FailedFact.listener, func.count().label("number")).group_by(FailedFact.listener)
    return {row.listener: row.number for row in db.session.execute(counted)}


def retry_now(failed_id: int) -> str | None:
    """Have the worker tell this fact again at once; answers the listener, None if the fact is kept aside no more."""
    now = {"next_try_at": clock.db_now()}
    this = update(FailedFact).where(FailedFact.id == failed_id).values(**now).returning(FailedFact.listener)
    return db.session.scalar(this)


def retry_all_now(listener: str) -> int:
    """Have the worker tell all facts that this listener has kept aside again; answers how many."""
    return changed(update(FailedFact).where(*_of(listener)).values(next_try_at=clock.db_now()))


def _of(listener: str | None) -> list[ColumnElement[bool]]:
    return [] if listener is None else [FailedFact.listener == listener]


def _ids_in(body: dict[str, object]) -> tuple[str, ...]:
    """A fact holds ids, numbers and words; only its ids are shown."""
    return tuple(str(value) for name, value in body.items() if _is_id(value))


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False
