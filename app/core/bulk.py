"""Whole tables filled by COPY, past the actions that would write the same rows one by one: some 100,000 a second.

For app/operate/crowd alone, which fills the demo town (docs/decisions.md; tests/house sees to it). Nobody is told
within the transaction: whoever writes facts here has written what their `@within` listeners would do.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import JSON, Table

from app.core.db import Model, db
from app.core.eventlog import EventRow
from app.core.events import Fact, body_of

Value = Any


class Columns(NamedTuple):
    """Some columns of a table, in the order in which rows give their values; the others have their defaults.

    `if_absent`: a row that is there already, by any of its keys, stays as it is.
    """

    into: type[Model]
    names: tuple[str, ...]
    if_absent: bool = False


FACTS = Columns(EventRow, ("name", "body"))


def copy(columns: Columns, rows: Iterable[Sequence[Value]]) -> None:
    """Write these rows in this transaction. Objects for JSON columns are written as JSON."""
    target = sql.Identifier(cast("Table", columns.into.__table__).name)
    names = sql.SQL(", ").join(map(sql.Identifier, columns.names))
    with _driver().cursor() as cursor:
        if not columns.if_absent:
            _send(cursor, target, names, _told(columns, rows))
            return
        aside = sql.Identifier("bulk_aside")
        cursor.execute(sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS TABLE {} WITH NO DATA").format(aside, target))
        _send(cursor, aside, names, _told(columns, rows))
        taken = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING")
        cursor.execute(taken.format(target, names, names, aside))
        cursor.execute(sql.SQL("DROP TABLE {}").format(aside))


def copy_facts(facts: Iterable[Fact]) -> None:
    """Write facts to the log in this order; heard after commit, never within."""
    copy(FACTS, ((type(fact).__name__, body_of(fact)) for fact in facts))


def _driver() -> "psycopg.Connection[Any]":
    db.session.flush()
    return cast("psycopg.Connection[Any]", db.session.connection().connection.driver_connection)


def _send(
    cursor: "psycopg.Cursor[Any]", target: sql.Identifier, names: sql.Composed, rows: Iterable[Sequence[Value]]
) -> None:
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(target, names)) as sending:
        for row in rows:
            sending.write_row(row)


def _told(columns: Columns, rows: Iterable[Sequence[Value]]) -> Iterable[Sequence[Value]]:
    table = cast("Table", columns.into.__table__)
    json = [place for place, name in enumerate(columns.names) if isinstance(table.c[name].type, JSON)]
    return (_with_json(row, json) for row in rows) if json else rows


def _with_json(row: Sequence[Value], places: Sequence[int]) -> Sequence[Value]:
    told = list(row)
    for place in places:
        if told[place] is not None:
            told[place] = orjson.dumps(told[place]).decode()
    return told
