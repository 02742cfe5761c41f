"""Statements by libpq's own calls: what is prepared, what stays so, and that one who waits holds up nobody."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

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


def test_those_beyond_the_most_are_asked_without_a_name(
    driver: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_PREPARED", 1)
    for number in (1, 2):
        for _ in range(3):
            assert ask(driver, b"SELECT %d AS one" % number, {}).rows[0].one == number
    assert len(_names(driver, "SELECT _ AS one")) == 1


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
