"""Writes in which an older version loses, by one conditional statement a row."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from search.answers import DocumentRefused, EngineUnavailable
from search.batches import batches
from search.documents import Document
from search.postgres.connections import Connections
from search.postgres.rows import COLUMNS, row, tombstone
from search.postgres.tables import table

BATCH = 500
TOMBSTONE_HOURS = 1

_NEVER = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)
"""What PostgreSQL says of a row that it will not take however often it is sent."""

Row = dict[str, Any]


def put(connections: Connections, name: str, documents: Iterable[Document]) -> list[DocumentRefused]:
    """Stores documents in the table `name` unless a newer version is there; answers those that are refused."""
    refused: list[DocumentRefused] = []
    for batch in batches(documents, BATCH):
        refused += _put_batch(connections, name, [row(document) for document in batch])
    return refused


def remove(connections: Connections, name: str, ids_versions: Sequence[tuple[UUID, int]]) -> None:
    """Leaves a tombstone of each document unless a newer version is there, and sweeps those that are old enough."""
    for batch in batches(ids_versions, BATCH):
        _write(connections, name, [tombstone(id, version) for id, version in batch], removed=True)
    sweep = sql.SQL("DELETE FROM {} WHERE removed_at < now() - make_interval(hours => %s)")
    with connections.writing() as connection:
        connection.execute(sweep.format(table(name)), [TOMBSTONE_HOURS])


def _put_batch(connections: Connections, name: str, rows: list[Row]) -> list[DocumentRefused]:
    """A refused row spoils its batch, so that its halves are written on their own until it stands alone."""
    try:
        _write(connections, name, rows, removed=False)
    except EngineUnavailable as error:
        if not isinstance(error.__cause__, _NEVER):
            raise
        if len(rows) == 1:
            return [DocumentRefused(rows[0]["id"], str(error.__cause__))]
        half = len(rows) // 2
        return _put_batch(connections, name, rows[:half]) + _put_batch(connections, name, rows[half:])
    return []


def _write(connections: Connections, name: str, rows: list[Row], *, removed: bool) -> None:
    """In the order of ids, so that two writers wait for each other but never both ways."""
    ordered = sorted(rows, key=lambda one: one["id"])
    with connections.writing() as connection, connection.cursor() as cursor:
        cursor.executemany(_upsert(name, removed), ordered)


@lru_cache(maxsize=16)
def _upsert(name: str, removed: bool) -> sql.Composed:
    columns = [sql.Identifier(column) for column in COLUMNS]
    changes = [sql.SQL("{0} = excluded.{0}").format(column) for column in (*columns, sql.Identifier("removed_at"))]
    return sql.SQL(
        "INSERT INTO {table} AS kept ({columns}, removed_at) VALUES ({values}, {removed_at})"
        " ON CONFLICT (id) DO UPDATE SET {changes} WHERE kept.version <= excluded.version"
    ).format(
        table=table(name),
        columns=sql.SQL(", ").join(columns),
        values=sql.SQL(", ").join(map(sql.Placeholder, COLUMNS)),
        removed_at=sql.SQL("now()" if removed else "NULL"),
        changes=sql.SQL(", ").join(changes),
    )
