"""Statements past SQLAlchemy: on which connection they run, and what becomes of one that broke or is outdated."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.core.counters import Count
from app.core.db import PREPARED, READS, begin_reading, db, in_transaction, prepared_reads, reads
from app.core.ids import new_id
from app.core.plain import Prepared, insertion, prepared, rows
from app.core.server.postgres import APP, SUPERUSER
from tests.client import Client
from tests.services import Services, postgres_of

_COUNT = insertion(Count, "subject_id", "name", "value")
_COUNTED = prepared(
    "WITH added AS (INSERT INTO core_counts VALUES (:subject_id, :name, :value) RETURNING 1) SELECT * FROM added"
)
_VALUE = prepared("SELECT value FROM core_counts WHERE subject_id = :subject")


@contextmanager
def superuser(services: Services) -> Iterator[psycopg.Connection[Any]]:
    url = postgres_of(services).url("postgres").replace(f"postgresql+psycopg://{APP}:", f"postgresql://{SUPERUSER}:")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _cut_all(services: Services, database_name: str) -> None:
    with superuser(services) as connection:
        ended = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(ended, (database_name,))


@contextmanager
def _closed(services: Services, database_name: str) -> Iterator[None]:
    """Nobody gets into the database."""
    with superuser(services) as connection:
        connection.execute(f"ALTER DATABASE {database_name} ALLOW_CONNECTIONS false")
        _cut_all(services, database_name)
        try:
            yield
        finally:
            connection.execute(f"ALTER DATABASE {database_name} ALLOW_CONNECTIONS true")


@pytest.mark.parametrize("which", [None, READS, PREPARED])
def test_all_engines_have_limits_and_tell_no_parameters(app: Flask, which: str | None) -> None:
    engine = db.engines[which]
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
    with engine.connect() as connection:
        found = [connection.execute(text(f"SHOW {name}")).scalar() for name in names]
    assert found == ["5s", "4s", "10s", "shop"]
    assert engine.hide_parameters
    assert (engine.pool.size(), engine.pool._timeout, engine.pool._recycle) == (4, 1.0, 1800)


def test_a_reading_thread_holds_one_connection_and_gives_it_back(app: Flask) -> None:
    begin_reading()
    assert rows("SELECT 1 AS one")[0].one == 1
    assert (reads().pool.checkedout(), prepared_reads().pool.checkedout()) == (0, 0)
    db.session.execute(text("SELECT 1"))
    rows("SELECT 1")
    assert (reads().pool.checkedout(), prepared_reads().pool.checkedout()) == (1, 0)
    assert db.engine.pool.checkedout() == 0


def test_a_statement_keeps_its_plan_only_where_it_is_read_past_sqlalchemy(app: Flask) -> None:
    """Whichever would be chosen by its costs: a plan for all values reads `value = $1`, another the value."""
    begin_reading()
    asked = prepared("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE :least < 2")
    for _ in range(12):
        found = asked.row(least=1)
    assert (found.generic_plans > 0, found.custom_plans) == (True, 0)
    assert db.session.scalar(text("SHOW plan_cache_mode")) == "auto"
    assert rows("SHOW plan_cache_mode")[0][0] == "auto", "on the session's connection, which it holds"


def test_in_a_transaction_a_statement_sees_what_is_not_committed_nor_flushed(app: Flask) -> None:
    subject = uuid4()

    def work() -> int:
        db.session.add(Count(subject_id=subject, name="likes", value=7))
        return _VALUE.rows(subject=subject)[0].value

    assert in_transaction(work) == 7
    begin_reading()
    assert [row.value for row in _VALUE.rows(subject=subject)] == [7]


def test_what_is_rolled_back_is_gone(app: Flask) -> None:
    subject = uuid4()

    def work() -> None:
        assert _COUNT.changed(subject_id=subject, name="likes", value=1) == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_transaction(work)
    begin_reading()
    assert _VALUE.row(subject=subject) is None


def test_a_violated_constraint_is_what_sqlalchemy_says_it_is(app: Flask) -> None:
    row = {"subject_id": uuid4(), "name": "likes", "value": 1}
    in_transaction(lambda: _COUNT.changed(**row))
    with pytest.raises(IntegrityError) as caught:
        in_transaction(lambda: _COUNT.changed(**row))
    assert str(row["subject_id"]) not in str(caught.value).split("DETAIL")[0]


@pytest.mark.parametrize("sql", ["SELECT 1 AS one", "WITH two AS (SELECT 1 AS one) SELECT one FROM two"])
def test_a_connection_that_broke_in_the_pool_costs_a_reader_nothing(
    app: Flask, services: Services, database_name: str, sql: str
) -> None:
    begin_reading()
    held = [prepared_reads().connect() for _ in range(3)]
    for one in held:
        one.close()
    _cut_all(services, database_name)
    assert [rows(sql)[0].one for _ in range(4)] == [1] * 4


def test_a_connection_that_broke_in_the_pool_costs_a_writer_one_failure(
    app: Flask, services: Services, database_name: str
) -> None:
    held = [db.engine.connect() for _ in range(3)]
    for one in held:
        one.close()
    _cut_all(services, database_name)
    with pytest.raises(OperationalError) as caught:
        in_transaction(lambda: rows("SELECT 1"))
    assert caught.value.connection_invalidated
    assert in_transaction(lambda: rows("SELECT 1 AS one"))[0].one == 1


@pytest.mark.parametrize("inside", [False, True])
def test_a_write_outside_a_transaction_is_not_tried_again(
    app: Flask, services: Services, database_name: str, inside: bool
) -> None:
    """The connection may have broken after the row was in."""
    begin_reading()
    prepared_reads().connect().close()
    _cut_all(services, database_name)
    row = {"subject_id": uuid4(), "name": "likes", "value": 1}
    with pytest.raises(OperationalError):
        (_COUNTED if inside else _COUNT).changed(**row)
    assert _VALUE.row(subject=row["subject_id"]) is None
    assert _COUNT.changed(**row) == 1


def test_while_the_database_is_away_all_doors_say_503(client: Client, services: Services, database_name: str) -> None:
    paths = [f"/products/{new_id()}", f"/posts/{new_id()}", f"/people/{new_id()}", "/links/1111111111", "/categories"]
    assert {client.get(path).status_code for path in paths} == {404, 200}
    with _closed(services, database_name):
        answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [503] * len(paths)
    assert all(answer.headers["Retry-After"] for answer in answers)
    assert {client.get(path).status_code for path in paths} == {404, 200}


def test_a_migration_under_prepared_statements_costs_a_reader_nothing(app: Flask) -> None:
    in_transaction(lambda: _ddl("CREATE TABLE toy (id int, told jsonb)"))
    asked = Prepared("SELECT id, told FROM toy")
    begin_reading()
    for _ in range(8):
        assert asked.rows() == []
    db.session.remove()
    in_transaction(lambda: _ddl("ALTER TABLE toy ALTER told TYPE json"))
    begin_reading()
    assert asked.rows() == []


def test_a_migration_under_prepared_statements_costs_a_writer_one_failure(app: Flask) -> None:
    in_transaction(lambda: _ddl("CREATE TABLE toy (id int, told jsonb)"))
    asked = Prepared("SELECT id, told FROM toy")
    for _ in range(8):
        assert in_transaction(asked.rows) == []
    with db.engine.connect() as other, other.begin():
        other.execute(text("ALTER TABLE toy ALTER told TYPE json"))
    try:
        in_transaction(asked.rows)
    except DBAPIError as error:
        assert error.connection_invalidated
    assert in_transaction(asked.rows) == []


def _ddl(sql: str) -> None:
    db.session.execute(text(sql))


def test_what_a_savepoint_wrote_goes_with_it_though_statements_ran_before_it(app: Flask) -> None:
    """The connection that is kept in hand must not keep the session from setting the savepoint."""
    kept, undone, after = new_id(), new_id(), new_id()

    def work() -> None:
        _COUNT.changed(subject_id=kept, name="x", value=1)
        with suppress(ZeroDivisionError), db.session.begin_nested():
            _COUNT.changed(subject_id=undone, name="x", value=1)
            raise ZeroDivisionError
        with db.session.begin_nested():
            _COUNT.changed(subject_id=after, name="x", value=1)

    in_transaction(work)
    assert [bool(_VALUE.rows(subject=one)) for one in (kept, undone, after)] == [True, False, True]
