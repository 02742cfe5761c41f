"""Keeping a search engine up to date with the truth, and filling it anew."""

import os
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import structlog
from sqlalchemy import Text, cast, select, text

from app.core import eventlog, hearing
from app.core.config import settings
from app.core.db import begin_reading, db
from app.core.eventlog import ListenerRow, Position
from app.core.events import Fact
from app.core.hearing import Away
from app.discover.finder.kinds import KINDS
from app.discover.finder.kinds.base import Kind
from app.discover.finder.queries import close_engines, engines
from search.documents import Document
from search.engine import DocumentRefused, Engine, EngineUnavailable

BATCH = 500
REST_SECONDS = 3.0
"""An engine that was away is left alone for this long, so that waiting for it does not hold up the worker."""

LISTENERS = {"elasticsearch": "finder.index_on_elasticsearch", "postgres": "finder.index_on_postgres"}
"""The durable name of the listener that keeps each engine (jobs)."""

QUIET_SECONDS = 0.5
"""After a pause of this long an engine is looked at before it is written to."""

log = structlog.get_logger("search")
_seen: dict[tuple[int, str, str], float] = {}
_resting: dict[tuple[int, str, str], float] = {}


def engine_named(name: str) -> Engine:
    """One of this installation's engines. Raises LookupError."""
    for engine in engines().engines:
        if engine.name == name:
            return engine
    raise LookupError(f"this installation has no search engine {name}")


def keep_up(engine: Engine, facts: Sequence[Fact]) -> None:
    """Bring to `engine` what these facts may have changed: rows are read again, what is gone is removed.

    Raises Away while the engine is away; then nothing is lost, for the facts are told again.
    """
    begin_reading()
    key = (os.getpid(), engine.name, settings.database_url)
    if _resting.get(key, 0.0) > time.monotonic():
        raise Away(f"{engine.name} was away a moment ago")
    try:
        _tell(engine, key, facts)
    except EngineUnavailable as error:
        _seen.pop(key, None)
        _resting[key] = time.monotonic() + REST_SECONDS
        raise Away(str(error)) from error


def forget_engines() -> None:
    """Connect anew, and look at each engine before it is written to; for tests, which change what lies beneath."""
    close_engines()
    _seen.clear()
    _resting.clear()


def _tell(engine: Engine, key: tuple[int, str, str], facts: Sequence[Fact]) -> None:
    _look(engine, key)
    for kind in KINDS.values():
        ids = sorted(kind.touched(facts))
        for start in range(0, len(ids), BATCH):
            _write(engine, kind, ids[start : start + BATCH])


def rebuild(engine: Engine, names: Collection[str] = tuple(KINDS)) -> dict[str, int]:
    """Fill the engine anew from the truth; answers how many documents of each kind it was given.

    Once all kinds are new, the listener need not hear what is older than they are. Raises EngineUnavailable.
    """
    begin_reading()
    stood = eventlog.head()
    given = {name: _fill(engine, KINDS[name]) for name in names}
    if set(names) == set(KINDS):
        hearing.rewind(LISTENERS[engine.name], stood)
    return given


def _look(engine: Engine, key: tuple[int, str, str]) -> None:
    """Before the first write, and before each after a pause: is it there? A question is given up after a second, a
    write only after many, and the worker has others to tell meanwhile."""
    if key in _seen and time.monotonic() - _seen[key] <= QUIET_SECONDS:
        return
    state = engine.health()
    if not state.ok and not state.outdated:
        raise EngineUnavailable(state.reason)
    if state.outdated or key not in _seen:
        _make_ready(engine, state.outdated)
    _seen[key] = time.monotonic()


def problems_of(engine: Engine) -> list[str]:
    """How an engine differs from the truth, in plain words; nothing if it does not. What is heard soon may differ."""
    state = engine.health()
    if not state.ok:
        return [f"away: {state.reason}"]
    if state.outdated:
        return [f"wants a rebuild of {', '.join(state.outdated)}"]
    counts = {name: (engine.count(name), kind.how_many()) for name, kind in KINDS.items()}
    return [f"{held} x {name} instead of {true}" for name, (held, true) in counts.items() if held != true]


def _make_ready(engine: Engine, outdated: Collection[str]) -> None:
    """Make what is missing, fill what is empty, has an older shape or was not confirmed. Costs little when all is
    well."""
    made = set(engine.prepare())
    stale = set(outdated) - made
    empty = {name for name in KINDS if name in made or engine.is_empty(name)}
    for name in sorted(stale | empty):
        if name in stale or next(KINDS[name].all_ids(1), None):
            log.info("search_rebuild", engine=engine.name, kind=name)
            _fill(engine, KINDS[name])


def _fill(engine: Engine, kind: Kind) -> int:
    """Fill one kind anew; answers how many documents it was given.

    What was put or removed meanwhile went to the old index: so the engine's listener hears again what it had not heard
    before, and whoever holds it loses it. If this process is killed before that, the kind was not confirmed, so the
    next process fills it again.
    """
    before = _heard_to(engine)
    given = 0

    def documents() -> Iterator[Document]:
        nonlocal given
        for ids in kind.all_ids(BATCH):
            batch = _read(kind, ids, _database_microseconds())
            given += len(batch)
            yield from batch

    with _refusals_told(engine):
        engine.rebuild(kind.name, documents())
    hearing.rewind(LISTENERS[engine.name], before)
    begin_reading()
    engine.confirm(kind.name)
    return given


def _heard_to(engine: Engine) -> Position | None:
    """How far the listener of an engine has heard; None if it never has.

    Not the head of the log: one who has already read a batch past the head, from a place before it, is not rewound to
    the head, and moves past what it wrote to the old index.
    """
    asked = select(ListenerRow.era, cast(ListenerRow.xid, Text), ListenerRow.event_id)
    row = db.session.execute(asked.where(ListenerRow.name == LISTENERS[engine.name])).first()
    return Position(*row) if row else None


def _write(engine: Engine, kind: Kind, ids: Sequence[UUID]) -> None:
    version = _database_microseconds()
    documents = _read(kind, ids, version)
    gone = set(ids) - {one.id for one in documents}
    if documents:
        with _refusals_told(engine):
            engine.put(documents)
    if gone:
        engine.remove(kind.name, [(one, version) for one in sorted(gone)])


def _read(kind: Kind, ids: Sequence[UUID], version: int) -> Sequence[Document]:
    """The version is taken before the rows are read: so of two who read at once, the higher version saw no less."""
    db.session.expire_all()
    return kind.documents(ids, version)


def _database_microseconds() -> int:
    now = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(db.session.execute(now).scalar_one())


@contextmanager
def _refusals_told(engine: Engine) -> Iterator[None]:
    """A document that the engine will never take is told to those who run this, and holds nothing up."""
    try:
        yield
    except DocumentRefused as error:
        log.error("document_refused", engine=engine.name, reason=str(error)[:500])
