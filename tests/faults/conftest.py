"""Fixtures of the scenarios."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.server.redis import EmbeddedRedis


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether the long form is asked for."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that a test may freeze or stop without disturbing others."""
    found = EmbeddedRedis(tmp_path / "redis")
    found.start()
    yield found
    if found.pid:
        os.kill(found.pid, signal.SIGCONT)
    found.stop()
