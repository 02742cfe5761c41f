"""Search in the tests of this floor: both engines in turn, filled by telling the worker's listeners."""

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from elasticsearch import Elasticsearch
from flask import Flask

from app.core.config import settings
from app.core.worker import drain
from app.discover.finder import actions as finder
from app.discover.finder import queries
from tests import statements as counting
from tests.search.conftest import settle
from tests.servers.elasticsearch import NoElasticsearch, find_or_start

_numbers = count(1)


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """The Elasticsearch that all processes of this test run share."""
    parallel = worker_id != "master"
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if parallel else base) / "elasticsearch"
    try:
        return find_or_start(folder, owner=os.getppid() if parallel else os.getpid()).url
    except NoElasticsearch as missing:
        if os.environ.get("REQUIRE_ELASTICSEARCH") == "1":
            pytest.fail(f"Elasticsearch is required: {missing}")
        pytest.skip(f"NOT TESTED ON ELASTICSEARCH: {missing}")


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """All that the app sends to the database but who is asking, which is cached. A test clears it before it counts."""
    with counting.statements(but="accounts_sessions") as seen:
        yield seen


@pytest.fixture
def heard(app: Flask) -> Callable[[], None]:
    """Call it to let the listeners hear all there is, and the engines show it."""

    def hear() -> None:
        drain()
        for engine in queries.engines().engines:
            settle(engine)

    return hear


@pytest.fixture(params=["postgres", "elasticsearch"])
def engine_name(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """A test that asks for this runs once on each engine; the other one is kept up to date all the same."""
    prefix = f"discover-{os.getpid()}-{next(_numbers)}"
    url = request.getfixturevalue("elasticsearch_url") if request.param == "elasticsearch" else ""
    settings.elasticsearch_url, settings.search_index_prefix = url, prefix
    yield request.param
    finder.forget_engines()
    if url:
        with Elasticsearch(url) as client:
            names = list(client.indices.get(index=f"{prefix}-*"))
            client.indices.delete(index=",".join(names), ignore_unavailable=True)
