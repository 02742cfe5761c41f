"""Statements past SQLAlchemy, on a connection of its pool: for the hottest reads and writes.

Measured for one row by its key: some 50 µs of processor this way, 270 µs by a session. What is asked is the same text
each time, so the server has it prepared.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, Connection, Engine, Executable, Table, any_, bindparam, select, text
from sqlalchemy import cast as cast_sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.elements import ClauseElement, CollectionAggregate
from sqlalchemy.types import TypeEngine

from app.core import wire
from app.core.db import Model, db, in_session, only_reads, prepared_reads
from app.core.errors import is_outdated_plan
from app.core.wire import Answer

Row = Any
"""A named tuple of what was asked for."""
_ONLY_READS = re.compile(rb"SELECT|WITH(?!.*\b(INSERT|UPDATE|DELETE|MERGE)\b)", re.DOTALL)
heard: list[Callable[[str], None]] = []
"""Called with each statement: who counts statements must not miss these."""


class Prepared:
    """A statement whose text is made once: built by SQLAlchemy (`text(...)` too), or written with values as %(name)s.

    Values come by name at each use (no expanding IN: a list goes to `any_`). Made at import, used at any time.
    """

    def __init__(self, statement: Executable | str) -> None:
        self._statement = statement
        self._sql = statement.encode() if isinstance(statement, str) else b""
        self._values: Mapping[str, Any] = {}

    def rows(self, **values: Any) -> list[Row]:
        """All rows of the answer.

        In a unit of work that only reads, on an autocommit connection that is given back at once (or on the session's,
        if it holds one); else in the transaction, whose own changes it sees. Raises what SQLAlchemy would raise.
        """
        return _run(self._text(), {**self._values, **values}).rows

    def row(self, **values: Any) -> Row | None:
        """The first row, None where there is none."""
        found = self.rows(**values)
        return found[0] if found else None

    def changed(self, **values: Any) -> int:
        """Run an INSERT, UPDATE or DELETE and answer how many rows it touched."""
        return _run(self._text(), {**self._values, **values}).touched

    @property
    def sql(self) -> str:
        """The statement as the driver gets it, with values as %(name)s."""
        return self._text().decode()

    def _text(self) -> bytes:
        """Made at the first use: only then all rooms, and so all tables, are known."""
        if not self._sql:
            made = cast("ClauseElement", self._statement).compile(dialect=prepared_reads().dialect)
            self._values = {name: value for name, value in made.params.items() if value is not None}
            self._sql = str(made).encode()
        return self._sql


def prepared(sql: str) -> Prepared:
    """A statement written as SQL with values as :name."""
    return Prepared(text(sql))


def insertion(into: type[Model], *columns: str, if_absent: bool = False) -> Prepared:
    """The INSERT of one row with these columns; the others have the database's own values."""
    table = cast("Table", into.__table__)
    row = insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})
    return Prepared(row.on_conflict_do_nothing() if if_absent else row)


def unseen(name: str, kind: str = "uuid") -> str:
    """SQL for the value :name of an array, of a length that the planner does not see.

    Where it sees it, a statement inside a transaction is planned anew for each length, that is at each use: for goods
    with their joins 1 ms, and to run them takes 0.1.
    """
    return f"CAST((SELECT CAST(:{name} AS {kind}[])) AS {kind}[])"


def any_unseen(name: str, kind: type[TypeEngine[Any]]) -> CollectionAggregate[Any]:
    """The same for SQLAlchemy: `column == any_unseen("ids", Uuid)`."""
    return any_(cast_sql(select(bindparam(name, type_=ARRAY(kind))).scalar_subquery(), ARRAY(kind)))


def array_of(ids: Iterable[UUID]) -> str:
    """These ids as the value of a parameter that is cast to uuid[], as SQLAlchemy casts one of type ARRAY(Uuid).

    psycopg, given a list, asks each element for its type: 40 µs of processor for twenty, so 6.
    """
    return "{" + ",".join([one.hex for one in ids]) + "}"


def rows(sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """All rows that a text answers; for what is asked once, as by tests and commands."""
    return _run(sql.encode(), values or {}).rows


def _run(sql: bytes, values: Mapping[str, Any]) -> Answer:
    for hear in heard:
        hear(sql.decode())
    if only_reads() and not in_session():
        return _run_alone(prepared_reads(), sql, values)
    session = db.session()
    session.flush()
    connection, driver = _in_hand(session)
    try:
        return wire.ask(driver, sql, values)
    except psycopg.Error as error:
        broken = _is_lost(driver, error)
        if broken:
            connection.invalidate(error)
            connection.engine.dispose()  # the others in the pool have most likely broken too
        raise _as_sqlalchemy(connection.engine, sql, error, broken) from error


def _in_hand(session: Session) -> "tuple[Connection, psycopg.Connection[Row]]":
    """The connection of the session's transaction and the driver's own: asked for once a transaction, since the session
    takes as long to name it as the driver to run a small statement. Once a savepoint, too: only by being asked within
    it the session sets it."""
    begun, known = _innermost(session), session.info.get("in_hand")
    if begun is None or known is None or known[0] is not begun:
        connection = session.connection()
        driver = cast("psycopg.Connection[Row]", connection.connection.driver_connection)
        known = session.info["in_hand"] = (_innermost(session), connection, driver)
    return known[1], known[2]


def _innermost(session: Session) -> SessionTransaction | None:
    """The savepoint that is open, or the transaction."""
    return session.get_nested_transaction() or session.get_transaction()


def _run_alone(engine: Engine, sql: bytes, values: Mapping[str, Any], again: bool = True) -> Answer:
    """On a connection that is given back at once. One that broke in the pool says so at its next use: all are let go
    then, and a new one tried; but not for a write, of which only the answer may be lost (an outdated plan did nothing).
    """
    try:
        pooled = engine.raw_connection()
    except psycopg.Error as error:
        raise _as_sqlalchemy(engine, sql, error, True) from error
    driver = cast("psycopg.Connection[Row]", pooled.driver_connection)
    try:
        return wire.ask(driver, sql, values)
    except psycopg.Error as error:
        if not _is_lost(driver, error):
            raise _as_sqlalchemy(engine, sql, error, False) from error
        pooled.invalidate()
        engine.dispose()
        is_safe = _ONLY_READS.match(sql) or is_outdated_plan(error)
        if not (again and is_safe):
            raise _as_sqlalchemy(engine, sql, error, True) from error
    finally:
        pooled.close()
    return _run_alone(engine, sql, values, again=False)


def _is_lost(driver: "psycopg.Connection[Row]", error: psycopg.Error) -> bool:
    return driver.broken or is_outdated_plan(error)


def _as_sqlalchemy(engine: Engine, sql: bytes, error: psycopg.Error, broken: bool) -> BaseException:
    return DBAPIError.instance(
        sql.decode(), None, error, psycopg.Error, True, connection_invalidated=broken, dialect=engine.dialect
    )
