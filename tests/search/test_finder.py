"""Which engine answers: Elasticsearch while it is well, PostgreSQL at once when it is not, and back by itself."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from search.breaker import Breaker
from search.elastic.engine import ElasticEngine
from search.engine import BREAKER_SECONDS, EngineUnavailable, Finder, connect
from search.postgres.engine import PostgresEngine
from search.questions import FindProducts, Suggest
from tests.search.forwarder import Forwarder, forwarding
from tests.search.make import product

NOWHERE = "http://127.0.0.1:9"
NO_DATABASE = "postgresql://nobody@127.0.0.1:9/nothing"
DRESS = FindProducts("连衣裙", 5)


@pytest.fixture
def forwarder(elasticsearch_url: str) -> Iterator[Forwarder]:
    with forwarding(elasticsearch_url) as running:
        yield running


@pytest.fixture
def finder(
    forwarder: Forwarder,
    database_url: str,
    index_prefix: str,
    elastic_engine: ElasticEngine,
    postgres_engine: PostgresEngine,
) -> Iterator[Finder]:
    """Both engines hold one dress; Elasticsearch is reached through the forwarder."""
    for engine in (elastic_engine, postgres_engine):
        engine.rebuild("product", [product("夏季连衣裙")])
    made = connect(database_url=database_url, elasticsearch_url=forwarder.url, index_prefix=index_prefix)
    yield made
    made.close()


def seconds_for(finder: Finder) -> tuple[float, str]:
    began = time.monotonic()
    found = finder.find(DRESS)
    assert len(found.ids) == 1
    return time.monotonic() - began, found.engine


def test_elasticsearch_answers_while_it_is_well(finder: Finder) -> None:
    assert finder.find(DRESS).engine == "elasticsearch"
    assert [engine.name for engine in finder.engines] == ["elasticsearch", "postgres"]
    assert (finder.primary.name, finder.embedded.name) == ("elasticsearch", "postgres")
    assert [one.text for one in finder.suggest(Suggest("夏", 5))] == ["夏季连衣裙"]


def test_a_frozen_elasticsearch_costs_one_question_two_seconds_and_comes_back(
    finder: Finder, forwarder: Forwarder
) -> None:
    assert finder.find(DRESS).engine == "elasticsearch"
    forwarder.process.send_signal(signal.SIGSTOP)
    try:
        seconds, engine = seconds_for(finder)
        assert seconds < 2.0
        assert engine == "postgres"
        assert [one.text for one in finder.suggest(Suggest("夏", 5))] == ["夏季连衣裙"]
        for _ in range(20):
            seconds, engine = seconds_for(finder)
            assert seconds < 0.5
            assert engine == "postgres"
    finally:
        forwarder.process.send_signal(signal.SIGCONT)
    time.sleep(BREAKER_SECONDS)
    assert finder.find(DRESS).engine == "elasticsearch"


def test_many_who_ask_a_frozen_elasticsearch_at_once_are_all_answered_in_time(
    finder: Finder, forwarder: Forwarder
) -> None:
    forwarder.process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: seconds_for(finder), range(12)))
    assert max(seconds for seconds, _ in answers) < 2.0
    assert {engine for _, engine in answers} == {"postgres"}


def test_an_elasticsearch_that_is_gone_costs_nothing(finder: Finder, forwarder: Forwarder) -> None:
    forwarder.process.kill()
    forwarder.process.wait()
    seconds, engine = seconds_for(finder)
    assert seconds < 1.0
    assert engine == "postgres"


def test_an_index_that_was_deleted_is_answered_for_and_not_made_anew_by_writing(
    database_url: str, elasticsearch_url: str, finder: Finder
) -> None:
    other = connect(database_url=database_url, elasticsearch_url=elasticsearch_url, index_prefix=f"none-{os.getpid()}-")
    assert other.find(DRESS).engine == "postgres"
    with pytest.raises(EngineUnavailable):
        other.primary.put([product("连衣裙")])
    with pytest.raises(EngineUnavailable):
        other.primary.count("product")
    assert set(other.primary.health().outdated) == {"post", "product", "person"}
    other.close()


def test_without_elasticsearch_postgres_is_the_only_engine(database_url: str, postgres_engine: PostgresEngine) -> None:
    finder = connect(database_url=database_url, elasticsearch_url=None)
    assert finder.find(DRESS).engine == "postgres"
    assert finder.engines == (finder.primary,) == (finder.embedded,)
    finder.close()


def test_when_no_engine_is_there_it_is_said() -> None:
    finder = connect(database_url=NO_DATABASE, elasticsearch_url=NOWHERE)
    with pytest.raises(EngineUnavailable):
        finder.find(DRESS)
    for engine in finder.engines:
        assert not engine.health().ok
        with pytest.raises(EngineUnavailable):
            engine.put([product("连衣裙")])
        with pytest.raises(EngineUnavailable):
            engine.remove("product", [(product().id, 1)])
        with pytest.raises(EngineUnavailable):
            engine.rebuild("product", [])
    finder.close()


def test_the_database_may_be_named_as_libpq_or_as_sqlalchemy_does(database_url: str) -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        engine = PostgresEngine(scheme + "://" + database_url.partition("://")[2])
        assert engine.health().ok
        engine.close()


def test_an_address_that_is_none_is_refused_when_it_is_given() -> None:
    for url in ("localhost", "ftp://there:9200", "http://"):
        with pytest.raises(ValueError, match="Elasticsearch"):
            connect(database_url=NO_DATABASE, elasticsearch_url=url)


def test_a_breaker_lets_one_through_when_its_time_is_over() -> None:
    breaker, together = Breaker(0.2), Barrier(8)

    def ask(_: int) -> bool:
        together.wait()
        return breaker.lets_through()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
        assert breaker.failed()
        assert not breaker.failed()
        assert not any(pool.map(ask, range(8)))
        time.sleep(0.25)
        assert sum(pool.map(ask, range(8))) == 1
        assert not breaker.lets_through()
        time.sleep(0.25)
        assert breaker.lets_through()
        assert breaker.succeeded()
        assert all(pool.map(ask, range(8)))
