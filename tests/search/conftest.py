"""Each test that asks for `engine` runs once on every engine, which is empty when it begins."""

import gzip
import json
import os
from collections.abc import Iterator

import pytest

from search.documents import KINDS
from search.elastic.engine import ElasticEngine
from search.engine import Engine
from search.postgres.engine import PostgresEngine
from tests import shared_data
from tests.services import Services, postgres_of
from tests.shared_data import shared_file


@pytest.fixture(scope="session")
def database_url(services: Services, worker_id: str) -> str:
    """A database of this test process's own."""
    return postgres_of(services).create_database(f"search_{worker_id}")


@pytest.fixture(scope="session")
def index_prefix(worker_id: str) -> str:
    """What the indexes of this test process begin with."""
    return f"test-{worker_id}-{os.getpid()}-"


@pytest.fixture(scope="session")
def postgres_engine(database_url: str) -> Iterator[PostgresEngine]:
    engine = PostgresEngine(database_url)
    engine.prepare()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def elastic_engine(elasticsearch_url: str, index_prefix: str) -> Iterator[ElasticEngine]:
    engine = ElasticEngine(elasticsearch_url, index_prefix)
    engine.prepare()
    yield engine
    engine.close()


@pytest.fixture(params=["postgres", "elasticsearch"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Every engine in turn, with nothing in it."""
    fixture = {"postgres": "postgres_engine", "elasticsearch": "elastic_engine"}[request.param]
    engine: Engine = request.getfixturevalue(fixture)
    settle(engine)
    for kind in KINDS:
        if engine.count(kind):
            engine.rebuild(kind, [])
        engine.confirm(kind)
    return engine


def settle(engine: Engine) -> None:
    """Makes everything written so far visible to questions, which would otherwise take a moment."""
    if isinstance(engine, ElasticEngine):
        engine.refresh()


@pytest.fixture(scope="session")
def naughty_strings() -> list[str]:
    return list(shared_data.naughty_strings())


@pytest.fixture(scope="session")
def real_titles() -> list[str]:
    with gzip.open(shared_file("catalog/zh_products.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line)["title"] for line in lines]
