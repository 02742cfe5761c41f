"""The servers that all tests share: started once a run, by the process that began it, and ended with it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

from flask_migrate import upgrade

from app import create_app
from app.core.db import dispose
from app.core.server.postgres import EmbeddedPostgres
from app.core.server.servers import servers

ROOT = Path(__file__).parent.parent
TEMPLATE = "template_town"


@dataclass(frozen=True)
class Services:
    """Where the shared servers are; plain texts, so that parallel test processes can be told."""

    folder: str
    password: str
    postgres_folder: str
    redis_url: str


@contextmanager
def started() -> Iterator[Services]:
    """PostgreSQL with a migrated template database, and Redis, in a folder of their own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="town-")))
        folder.chmod(0o755)
        running = stack.enter_context(servers(folder, durable=False))
        url = running.postgres.create_database(TEMPLATE)
        _migrate(url)
        yield Services(str(folder), running.postgres.password, str(running.postgres.folder), running.redis_url)


def told(services: Services) -> dict[str, str]:
    return asdict(services)


def postgres_of(services: Services) -> EmbeddedPostgres:
    """A handle on the shared server, in any process of the run."""
    return EmbeddedPostgres(Path(services.postgres_folder), services.password, durable=False)


def redis_of(services: Services, name: str) -> str:
    """A database of the shared Redis for `name` (town_gw0, live_gw1 ...), so that one's flush is nobody else's."""
    digits = [int(one) for one in name if one.isdigit()] or [0]
    return f"{services.redis_url}?db={2 * digits[-1] % 8 + (8 if name.startswith('live') else 0)}"


def _migrate(url: str) -> None:
    """In this process: another would import the whole app first, which takes longer than all migrations."""
    with patch.dict(os.environ, DATABASE_URL=url, LOG_LEVEL="WARNING"):
        town = create_app()
    with town.app_context():
        upgrade(str(ROOT / "migrations"))
        dispose()
