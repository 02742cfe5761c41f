"""Facts kept aside: told again to the listener that could not take them, with a wait that doubles."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, literal, select, update

from app.core import clock, eventlog
from app.core.db import db, in_transaction
from app.core.eventlog import Entry, FailedFact
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
