"""The tables of the schema `search`: made when missing, replaced as a whole by a rebuild."""

import hashlib
import re
import time
from functools import lru_cache
from pathlib import Path

from psycopg import sql

from search.documents import KINDS
from search.postgres.connections import Connection

SCHEMA = "search"
_PREPARING = 7_302_114_551
"""The advisory lock that keeps two who prepare at once from making the same table."""

_FRESH = re.compile(rf"(?:{'|'.join(KINDS)})_(\d{{19}})")
_LEFT_NANOSECONDS = 24 * 3600 * 10**9
"""A table that was to take a kind's place and is older than this was left by a rebuild that was killed."""


def table(name: str) -> sql.Identifier:
    """The table of a kind, or one that will take its place."""
    return sql.Identifier(SCHEMA, name)


def prepare(connection: Connection) -> tuple[str, ...]:
    """Creates what is missing, and says for which kinds: those are empty now. Drops what killed rebuilds left."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_PREPARING])
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    there = _shapes(connection)
    missing = tuple(kind for kind in KINDS if kind not in there)
    for kind in missing:
        create(connection, kind)
        confirm(connection, kind)
    for name in filter(_is_left, there):
        drop(connection, name)
    return missing


def create(connection: Connection, name: str) -> None:
    """An empty table, which counts as outdated until it is confirmed."""
    connection.execute(sql.SQL(_definition()).format(table=table(name)))


def confirm(connection: Connection, name: str) -> None:
    """Notes in the comment of a table which shape it has."""
    comment = sql.SQL("COMMENT ON TABLE {} IS {}")
    connection.execute(comment.format(table(name), sql.Literal(_shape())))


def fresh_name(kind: str) -> str:
    """A name for a table that will take the place of a kind's."""
    return f"{kind}_{time.time_ns()}"


def swap(connection: Connection, kind: str, filled: str, patience: int) -> None:
    """Puts the table `filled` in the place of the kind's, in one step.

    Whoever asks stands behind one who waits to drop the table, so it is not waited for longer than `patience`
    milliseconds: then psycopg.errors.LockNotAvailable is raised.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [str(patience)])
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table(kind)))
    connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(table(filled), sql.Identifier(kind)))


def drop(connection: Connection, name: str) -> None:
    """Drops a table that was never put in place."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table(name)))


def analyze(connection: Connection, name: str) -> None:
    """Gathers the statistics of a table that was just filled."""
    connection.execute(sql.SQL("ANALYZE {}").format(table(name)))


def count(connection: Connection, name: str) -> int:
    """How many documents a table holds, tombstones not counted."""
    counting = sql.SQL("SELECT count(*) FROM {} WHERE removed_at IS NULL")
    found = connection.execute(counting.format(table(name))).fetchone()
    return int(found[0]) if found else 0


def is_empty(connection: Connection, name: str) -> bool:
    """Whether a table holds no document, tombstones not counted."""
    finding = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE removed_at IS NULL LIMIT 1)")
    found = connection.execute(finding.format(table(name))).fetchone()
    return not (found and found[0])


def outdated(connection: Connection) -> tuple[str, ...]:
    """The kinds whose table is missing, or was made by another definition than this."""
    shapes = _shapes(connection)
    return tuple(kind for kind in KINDS if shapes.get(kind) != _shape())


def _is_left(name: str) -> bool:
    found = _FRESH.fullmatch(name)
    return found is not None and time.time_ns() - int(found[1]) > _LEFT_NANOSECONDS


def _shapes(connection: Connection) -> dict[str, str | None]:
    rows = connection.execute(
        "SELECT relname, obj_description(pg_class.oid, 'pg_class') FROM pg_class"
        " JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = %s AND relkind = 'r'",
        [SCHEMA],
    )
    return dict(rows.fetchall())


@lru_cache(maxsize=1)
def _definition() -> str:
    return (Path(__file__).parent / "table.sql").read_text(encoding="utf-8")


def _shape() -> str:
    return hashlib.sha256(_definition().encode()).hexdigest()[:12]
