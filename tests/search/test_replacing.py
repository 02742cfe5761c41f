"""On PostgreSQL a rebuilt table takes its place without holding up who asks, and what was left behind is swept."""

import time
from collections.abc import Iterator
from threading import Thread

import psycopg
import pytest

from search.answers import EngineUnavailable
from search.documents import KINDS
from search.postgres import replacing
from search.postgres.connections import Connections
from search.postgres.engine import PostgresEngine
from search.questions import FindProducts
from tests.search.make import product

CUP = FindProducts("水杯", 5)


@pytest.fixture
def engine(postgres_engine: PostgresEngine) -> PostgresEngine:
    for kind in KINDS:
        postgres_engine.rebuild(kind, [])
        postgres_engine.confirm(kind)
    return postgres_engine


@pytest.fixture
def other(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def tables(other: psycopg.Connection) -> set[str]:
    return {row[0] for row in other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'search'")}


def test_questions_hardly_wait_while_a_swap_waits_for_a_long_reader(
    engine: PostgresEngine, other: psycopg.Connection
) -> None:
    engine.put([product("水杯")])
    seconds = []
    with other.transaction():
        other.execute("LOCK TABLE search.product IN ACCESS SHARE MODE")
        rebuilding = Thread(target=engine.rebuild, args=("product", [product("水杯"), product("水杯")]))
        rebuilding.start()
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            began = time.monotonic()
            assert engine.find(CUP).total == 1
            seconds.append(time.monotonic() - began)
    rebuilding.join(20)
    assert max(seconds) < 0.9
    assert engine.find(CUP).total == 2


def test_a_swap_that_is_never_let_through_leaves_everything_as_it_was(
    engine: PostgresEngine, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "TRIES", 2)
    engine.put([product("水杯")])
    with other.transaction():
        other.execute("LOCK TABLE search.product IN ACCESS SHARE MODE")
        with pytest.raises(EngineUnavailable):
            engine.rebuild("product", [])
    assert engine.find(CUP).total == 1
    assert tables(other) == set(KINDS)


def test_tables_that_killed_rebuilds_left_are_dropped_after_a_day(
    engine: PostgresEngine, other: psycopg.Connection
) -> None:
    day = 24 * 3600 * 10**9
    old, young = f"product_{time.time_ns() - day - 1}", f"product_{time.time_ns() - day // 2}"
    for name in (old, young, "product_notes"):
        other.execute(f"CREATE TABLE search.{name} (id uuid)")
    try:
        assert engine.prepare() == ()
        assert tables(other) == {*KINDS, young, "product_notes"}
    finally:
        other.execute(f"DROP TABLE IF EXISTS search.{young}, search.product_notes")


def test_a_statement_that_others_may_wait_for_has_five_seconds(database_url: str) -> None:
    connections = Connections(database_url)
    with connections.writing() as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("5s",)
    connections.close()
