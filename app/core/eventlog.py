"""The event log: one row a fact, read in an order in which nothing is ever overtaken.

Rows are ordered by (era, xid, id). A reader takes `era < current or xid < pg_snapshot_xmin(pg_current_snapshot())`: all
transactions below that are over, so no row can still appear in front of the cursor. xids start again in a restored
cluster, so the era rises when pg_control_system() shows another cluster.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.core.db import Model, db
from app.core.plain import prepared


class Xid8(UserDefinedType[int]):
    """PostgreSQL's xid8, a transaction id that never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class EventRow(Model):
    """One fact. Written by `emit`, never changed."""

    __tablename__ = "core_events"
    __table_args__ = (Index("ix_core_events_order", "era", "xid", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    era: Mapped[int] = mapped_column(server_default=text("core_era()"))
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    name: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EraRow(Model):
    """One life of the database: a cluster that it lived in."""

    __tablename__ = "core_eras"

    era: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cluster: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class ListenerRow(Model):
    """How far a listener has heard, and who holds it now."""

    __tablename__ = "core_listeners"

    name: Mapped[str] = mapped_column(primary_key=True)
    era: Mapped[int] = mapped_column(server_default=text("0"))
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("'0'::xid8"))
    event_id: Mapped[int] = mapped_column(server_default=text("0"))
    holder: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    heard_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FailedFact(Model):
    """A fact that a listener could not take: kept aside and tried again, while the rest goes on."""

    __tablename__ = "core_failed_facts"
    __table_args__ = (UniqueConstraint("listener", "event_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    listener: Mapped[str]
    event_id: Mapped[int]
    tries: Mapped[int] = mapped_column(server_default=text("1"))
    error: Mapped[str]
    next_try_at: Mapped[datetime] = mapped_column(index=True)


WINDOW = 20_000
"""Facts that one question looks at; some 10 ms."""


class Position(NamedTuple):
    """A place in the log. `xid` is kept as text, as PostgreSQL writes it."""

    era: int
    xid: str
    id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with its place in the log."""

    position: Position
    name: str
    body: dict[str, Any]


_READABLE = "(e.era < core_era() OR e.xid < pg_snapshot_xmin(pg_current_snapshot()))"
_AFTER = "(e.era, e.xid, e.id) > (:era, CAST(:xid AS xid8), :id)"


_HEAD = prepared(
    f"SELECT e.era, e.xid::text, e.id FROM core_events e WHERE {_READABLE}"
    " ORDER BY e.era DESC, e.xid DESC, e.id DESC LIMIT 1"
)
_NEW = prepared(
    "SELECT count(*) AS many, array_agg(DISTINCT w.name) AS names FROM (SELECT e.name FROM core_events e"
    f" WHERE {_AFTER} AND (e.era, e.xid, e.id) <= (:to_era, CAST(:to_xid AS xid8), :to_id) LIMIT :window) AS w"
)
_NEXT = prepared(
    "SELECT w.era, w.xid::text, w.id, w.name, w.body FROM (SELECT e.era, e.xid, e.id, e.name, e.body"
    f" FROM core_events e WHERE {_AFTER} AND {_READABLE} ORDER BY e.era, e.xid, e.id LIMIT :window) AS w"
    " WHERE w.name = ANY(CAST(:names AS text[])) ORDER BY w.era, w.xid, w.id LIMIT :limit"
)
_FAR = prepared(
    f"SELECT e.era, e.xid::text, e.id FROM core_events e WHERE {_AFTER} AND {_READABLE}"
    " ORDER BY e.era, e.xid, e.id OFFSET :past LIMIT 1"
)


def head() -> Position | None:
    """The last place that may be read now, None while the log is empty."""
    row = _HEAD.row()
    return Position(*row) if row else None


def names_between(seen: Position, head: Position) -> frozenset[str] | None:
    """The names of the facts after `seen` up to `head`; None if there are so many that one does not look."""
    found = _NEW.row(**seen._asdict(), to_era=head.era, to_xid=head.xid, to_id=head.id, window=WINDOW)
    return None if found is None or found.many >= WINDOW else frozenset(found.names or ())


def has_unreadable() -> bool:
    """Whether there are facts that wait for an older writer to end."""
    found = f"SELECT EXISTS (SELECT 1 FROM core_events e WHERE NOT {_READABLE})"
    return bool(db.session.scalar(text(found)))


def entries_after(position: Position, names: frozenset[str], limit: int) -> list[Entry]:
    """The next facts of these names after `position`, in log order, only such as nothing can overtake any more.

    It looks at the next WINDOW facts of any name and no further, so that a listener of rare facts never reads the whole
    log in one statement; `window_end` says where to go on.
    """
    rows = _NEXT.rows(**position._asdict(), names=sorted(names), limit=limit, window=WINDOW)
    return [Entry(Position(row[0], row[1], row[2]), row[3], row[4]) for row in rows]


def window_end(position: Position) -> Position | None:
    """The place WINDOW facts after `position`; None if the log ends before."""
    row = _FAR.row(**position._asdict(), past=WINDOW - 1)
    return Position(*row) if row else None


def lags() -> list[tuple[str, float]]:
    """(listener, seconds since the oldest fact that it has not passed; 0 if there is none)."""
    rows = db.session.execute(
        text(
            "SELECT l.name, coalesce(extract(epoch FROM clock_timestamp() - n.at), 0) FROM core_listeners l"
            " LEFT JOIN LATERAL (SELECT e.at FROM core_events e"
            "  WHERE (e.era, e.xid, e.id) > (l.era, l.xid, l.event_id) ORDER BY e.era, e.xid, e.id LIMIT 1) n ON true"
        )
    )
    return [(name, float(lag)) for name, lag in rows]


def heard_at() -> dict[str, datetime]:
    """When each listener's cursor was set last; one that nothing new is for is asked every few seconds."""
    return {row.name: row.heard_at for row in db.session.execute(select(ListenerRow.name, ListenerRow.heard_at))}


def oldest_writer() -> float:
    """Seconds that the oldest open writing transaction has been open; it holds up every listener.

    One of another database of the cluster does so too. Of other users' sessions only pg_read_all_stats may know.
    """
    found = "SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) FROM pg_stat_activity"
    return float(db.session.scalar(text(f"{found} WHERE backend_xid IS NOT NULL")) or 0)


def entry(event_id: int) -> Entry | None:
    """One fact by the id of its row."""
    row = db.session.execute(
        text("SELECT era, xid::text, id, name, body FROM core_events WHERE id = :id"), {"id": event_id}
    ).first()
    return Entry(Position(row[0], row[1], row[2]), row[3], row[4]) if row else None


def notice_restore() -> int:
    """Begin a new era if this database now lives in another cluster than before; answer the current era.

    Called once a process before its first write: without it the new facts of a restored database, whose xids start
    again from low numbers, would lie behind every cursor and never be heard. Safe to run at once in many processes.
    """
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('core_eras'))"))
    cluster = str(db.session.scalar(text("SELECT system_identifier FROM pg_control_system()")))
    last = db.session.execute(text("SELECT era, cluster FROM core_eras ORDER BY era DESC LIMIT 1")).first()
    if last is not None and last.cluster == cluster:
        return int(last.era)
    era = 1 if last is None else int(last.era) + 1
    db.session.add(EraRow(era=era, cluster=cluster))
    db.session.flush()
    return era
