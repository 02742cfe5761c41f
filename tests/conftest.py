"""Fixtures for all tests: real PostgreSQL, Redis and, where it can be had, Elasticsearch; a database anew each test."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask

from app import create_app
from app.core import config as settings_of
from app.core.db import db, dispose
from tests.client import Client
from tests.fresh import FreshDatabase
from tests.live import LiveTown
from tests.memory import forget, let_engines_go
from tests.servers.elasticsearch import NoElasticsearch, RunningElasticsearch, find_or_start
from tests.services import TEMPLATE, Services, postgres_of, redis_of, started, told

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("shared")
SERVICES = pytest.StashKey[Services]()
_running = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[SERVICES] = _running.enter_context(started())


def pytest_configure_node(node: Any) -> None:
    """xdist: tell a parallel test process where the shared servers are."""
    node.workerinput["town_services"] = told(node.config.stash[SERVICES])


def pytest_unconfigure(config: pytest.Config) -> None:
    _running.close()


@pytest.fixture(scope="session")
def services(request: pytest.FixtureRequest) -> Services:
    given = getattr(request.config, "workerinput", None)
    return Services(**given["town_services"]) if given else request.config.stash[SERVICES]


@pytest.fixture(scope="session")
def database_name(worker_id: str) -> str:
    return f"town_{worker_id}"


@pytest.fixture(scope="session")
def town(services: Services, database_name: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app of this test process, on a database that each test gets anew."""
    os.environ.update(
        DATABASE_URL=postgres_of(services).url(database_name),
        REDIS_URL=redis_of(services, database_name),
        MEDIA_DIR=str(tmp_path_factory.mktemp("media")),
        SECRET_KEY="a key for tests, long enough to be one",
        SANDBOX_PAYMENTS="1",
        SANDBOX_MESSAGES="1",
        SANDBOX_SECRET="a secret of the sandbox",
        WALLET_TOP_UP="1",
        WALLET_WITHDRAWALS="1",
        RATE_LIMITS="off",
        SEARCH_INDEX_PREFIX=database_name.replace("_", ""),
    )
    made = create_app()
    made.testing = False
    return made


@pytest.fixture(scope="session")
def fresh(services: Services, database_name: str) -> FreshDatabase:
    return FreshDatabase(postgres_of(services), database_name, TEMPLATE)


@pytest.fixture
def app(town: Flask, fresh: FreshDatabase) -> Iterator[Flask]:
    """A fresh, migrated, empty database, inside an app context."""
    with town.app_context():
        dispose()
        fresh.renew()
        forget()
        yield town
        let_engines_go()
        db.session.remove()
        dispose()
    settings_of.load()


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> RunningElasticsearch:
    """The Elasticsearch that all processes of this test run share; tests that use it run in one process, in turn."""
    parallel = worker_id != "master"
    folder = tmp_path_factory.getbasetemp()
    try:
        return find_or_start(
            (folder.parent if parallel else folder) / "elasticsearch",
            owner=os.getppid() if parallel else os.getpid(),
        )
    except NoElasticsearch as missing:
        if os.environ.get("REQUIRE_ELASTICSEARCH") == "1":
            pytest.fail(f"Elasticsearch is required: {missing}")
        pytest.skip(f"NOT TESTED ON ELASTICSEARCH: {missing}")


@pytest.fixture(scope="session")
def elasticsearch_url(elasticsearch: RunningElasticsearch) -> str:
    return elasticsearch.url


@pytest.fixture
def client(app: Flask) -> Client:
    """Talks to the doors as a stranger; `client.as_(token)` as somebody."""
    return Client(app)


@pytest.fixture
def live(services: Services, worker_id: str, tmp_path: Path) -> Iterator[LiveTown]:
    """A running town (web and worker processes) on a database of its own; not started yet: `live.start()`."""
    found = LiveTown(services, tmp_path, f"live_{worker_id}")
    yield found
    found.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Faults take their time. One process for all that use Elasticsearch (`--dist loadgroup`): a test may freeze it."""
    for item in items:
        if "tests/faults/" in item.nodeid:
            item.add_marker(pytest.mark.timeout(7200 if config.getoption("--long") else 400))
        if "tests/search/" in item.nodeid or "elasticsearch" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("elasticsearch"))
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not tested is said aloud: one line for each reason."""
    skipped = terminalreporter.getreports("skipped")
    for reason in sorted({report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}):
        terminalreporter.write_line(reason, yellow=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of the scenarios")
