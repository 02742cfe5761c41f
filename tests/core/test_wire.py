"""Statements by libpq's own calls: what is prepared, what stays so, and that one who waits holds up nobody."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import wire
from app.core.db import db, in_transaction
from app.core.errors import missing
from app.core.plain import prepared, rows
from app.core.wire import ask
from tests.services import Services, postgres_of

_PREPARED = b"SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE %(like)s"


@pytest.fixture
def driver(app: Flask, services: Services, database_name: str) -> Iterator["psycopg.Connection[Any]"]:
    url = postgres_of(services).url(database_name).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _names(driver: "psycopg.Connection[Any]", like: str) -> list[str]:
    found = driver.execute("SELECT name FROM pg_prepared_statements WHERE statement LIKE %s", [like], prepare=False)
    return [name for (name,) in found]


def test_values_stand_where_they_are_named_and_a_doubled_percent_is_one(driver: "psycopg.Connection[Any]") -> None:
    sql = b"SELECT %(a)s::int + %(b)s::int - %(a)s::int AS b, 7 %% 4 AS rest, %(none)s::text AS nothing"
    found = ask(driver, sql, {"b": 5, "a": 3, "none": None, "unused": 1})
    assert found.rows[0]._asdict() == {"b": 5, "rest": 3, "nothing": None}
    assert found.touched == 1


def test_how_many_rows_were_touched_is_told_without_rows(driver: "psycopg.Connection[Any]") -> None:
    ask(driver, b"CREATE TEMPORARY TABLE toys (id int)", {})
    assert ask(driver, b"INSERT INTO toys SELECT generate_series(1, %(many)s)", {"many": 3}).touched == 3
    assert ask(driver, b"SELECT id FROM toys WHERE id > 9", {}).rows == []


def test_a_statement_is_prepared_at_its_second_use_once_for_each_types_of_its_values(
    driver: "psycopg.Connection[Any]",
) -> None:
    sql = b"SELECT %(value)s + 0 AS toy"
    ask(driver, sql, {"value": 1})
    assert _names(driver, "%AS toy") == []
    for value in (2, 3, 4):
        assert ask(driver, sql, {"value": value}).rows[0].toy == value
    assert len(_names(driver, "%AS toy")) == 1
    for value in (1 << 40, 1 << 41):
        assert ask(driver, sql, {"value": value}).rows[0].toy == value
    assert len(_names(driver, "%AS toy")) == 2


def test_of_more_than_the_most_the_oldest_goes_and_one_that_comes_again_is_prepared_again(
    driver: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_PREPARED", 2)

    def prepared_after(number: int) -> list[bool]:
        for _ in range(3):
            assert ask(driver, b"SELECT %d AS one" % number, {}).rows[0].one == number
        return [bool(_names(driver, f"SELECT {one} AS one")) for one in (1, 2, 3)]

    assert [prepared_after(number) for number in (1, 2, 3, 1)] == [
        [True, False, False],
        [True, True, False],
        [False, True, True],
        [True, False, True],
    ]


def test_many_that_are_used_once_keep_no_other_from_being_prepared(
    driver: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_PREPARED", 3)
    for number in range(20):
        ask(driver, b"SELECT %d AS once" % number, {})
    for _ in range(2):
        ask(driver, b"SELECT 1 AS hot", {})
    assert len(_names(driver, "%AS hot")) == 1


def test_a_value_that_is_missing_begins_no_transaction(services: Services, database_name: str, app: Flask) -> None:
    with psycopg.connect(postgres_of(services).url(database_name).replace("+psycopg", "")) as connection:
        with pytest.raises(KeyError):
            ask(connection, b"SELECT %(a)s", {})
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_statement_that_the_server_has_forgotten_costs_one_failure(app: Flask) -> None:
    asked = prepared("SELECT :value AS forgotten")
    for _ in range(3):
        in_transaction(lambda: asked.row(value=1))

    def forget() -> None:
        db.session.execute(text("DEALLOCATE ALL"))

    in_transaction(forget)
    with pytest.raises(DBAPIError) as caught:
        in_transaction(lambda: asked.row(value=1))
    assert caught.value.connection_invalidated
    assert in_transaction(lambda: asked.row(value=2)).forgotten == 2


def test_why_a_connection_was_lost_is_told(driver: "psycopg.Connection[Any]", app: Flask) -> None:
    in_transaction(lambda: rows(f"SELECT pg_terminate_backend({driver.info.backend_pid}, 2000)"))
    with pytest.raises(psycopg.OperationalError, match="administrator"):
        ask(driver, b"SELECT 1", {})


def test_a_refusal_leaves_what_is_prepared(app: Flask) -> None:
    """The driver itself would have the server forget all of it at each rollback, and parse it anew for five uses."""
    asked = prepared("SELECT :value AS kept")
    known = "SELECT count(*) AS many FROM pg_prepared_statements WHERE statement LIKE '%AS kept'"

    def refused() -> None:
        asked.row(value=1)
        asked.row(value=1)
        for _ in range(8):
            db.session.execute(text("SELECT 1"))
        with db.session.begin_nested():
            raise missing()

    for _ in range(3):
        with pytest.raises(type(missing())):
            in_transaction(refused)
        assert in_transaction(lambda: rows(known)[0].many) == 1


def test_an_error_is_the_drivers_and_says_what_was_violated(driver: "psycopg.Connection[Any]") -> None:
    ask(driver, b"CREATE TEMPORARY TABLE toys (id int CONSTRAINT few CHECK (id < 3))", {})
    for _ in range(3):
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            ask(driver, b"INSERT INTO toys VALUES (%(id)s)", {"id": 5})
        assert caught.value.diag.constraint_name == "few"
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(driver, b"SELECT 1 FROM nowhere", {})


def test_who_waits_for_the_server_holds_up_no_other_thread(driver: "psycopg.Connection[Any]") -> None:
    steps: list[float] = []
    waiting = threading.Thread(target=ask, args=(driver, b"SELECT pg_sleep(0.4)", {}))
    waiting.start()
    while waiting.is_alive():
        steps.append(time.monotonic())
        time.sleep(0.01)
    assert len(steps) > 10
