"""The town that is measured: a whole system of its own, started as `bin/up` does, in a folder that goes with it."""

import os
import shlex
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

import psycopg

from app.core.http.door import PREFIX
from app.core.server.children import Child
from app.core.server.up import ROOT
from bench.client import Place, status_of
from bench.elastic import RunningElastic
from bench.figures import BenchError

SETTLE_SECONDS = 120.0
_LATE = (
    "SELECT l.name FROM core_listeners l WHERE EXISTS"
    "  (SELECT FROM core_events e WHERE (e.era, e.xid, e.id) > (l.era, l.xid, l.event_id))"
    " UNION ALL SELECT 'the worker has not begun' WHERE NOT EXISTS (SELECT FROM core_listeners)"
)


@dataclass(frozen=True)
class Town:
    """A running application. `address` is host:port of its web server; `env` what a command on it needs; `folder` is
    for files of the bench; `pid` is the process below which all of it runs."""

    address: str
    env: dict[str, str]
    folder: Path
    pid: int

    @property
    def below(self) -> str:
        """What stands before the paths of the doors."""
        return PREFIX

    @property
    def place(self) -> Place:
        return Place(self.address, self.below, self.env["SANDBOX_SECRET"])

    @property
    def database_url(self) -> str:
        """For psycopg."""
        return self.env["DATABASE_URL"].replace("+psycopg", "", 1)


@contextmanager
def own_town(data: Path | None, scale: int, search: RunningElastic, say: Callable[[str], None]) -> Iterator[Town]:
    """A town with the demo's people, goods and posts, running inside the with block.

    In `data`, where it is kept for the next run, or in a temporary folder. The process that runs it ends it in order
    when we end, however that is. Raises ServerError and BenchError.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = data.absolute() if data else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # as root, PostgreSQL and Redis run as nobody
        address = f"127.0.0.1:{free_port()}"
        web = _up(folder, address, search)
        try:
            say("Starting PostgreSQL, Redis, web and worker ...")
            web.start()
            # The demo accounts are made beside the start; two seeds at once would draw two sets of passwords.
            made = folder / "accounts-made"
            web.wait_ready(lambda: made.exists() and status_of(address, "/healthz") == 200, 180)
            env = _environment(folder)
            seed = _command(folder, env, "demo", "seed", *(["--scale", str(scale)] if scale != 1 else []))
            say(f"Filling the town (scale {scale}) ...")
            seed.start()
            seed.finish(3600)
            town = Town(address, env, folder, web.pid or 0)
            settle(town)
            yield town
        finally:
            web.stop(60)


def _up(folder: Path, address: str, search: RunningElastic) -> Child:
    env = _without_servers() | {"RATE_LIMITS": "off", "APP_ENV": "development", "PYTHONUTF8": "1"}
    env |= {"ELASTICSEARCH_URL": search.url, "SEARCH_INDEX_PREFIX": search.prefix}
    port = address.rpartition(":")[2]
    command = [sys.executable, "-P", "-m", "app.core.server", "--port", port, "--data", str(folder), "--seed", "none"]
    return Child("the town", command, folder / "logs" / "up.log", env, ROOT, with_parent=SIGTERM)


def _environment(folder: Path) -> dict[str, str]:
    """What the town wrote down for commands on it."""
    lines = (folder / "environment").read_text().splitlines()
    pairs = (line.partition("=") for line in lines)
    own = {name: "".join(shlex.split(value)) for name, _, value in pairs}
    return {**_without_servers(), **own}


def _without_servers() -> dict[str, str]:
    """Our environment, but none of somebody else's servers: what is measured is written to."""
    others = {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL"}
    return {name: value for name, value in os.environ.items() if name not in others} | {"PYTHONPATH": str(ROOT)}


def _command(folder: Path, env: dict[str, str], *arguments: str) -> Child:
    command = [sys.executable, "-P", "-m", "flask", *arguments]
    return Child(" ".join(arguments), command, folder / "logs" / f"{arguments[0]}.log", env, ROOT)


def settle(town: Town) -> None:
    """Wait until every listener has heard everything, and tell PostgreSQL what is in its tables, as it would find out
    by itself within a minute. Raises BenchError."""
    end = time.monotonic() + SETTLE_SECONDS
    with psycopg.connect(town.database_url, autocommit=True) as connection:
        while late := connection.execute(_LATE).fetchall():
            if time.monotonic() > end:
                names = ", ".join(name for (name,) in late)
                raise BenchError(f"the worker has not caught up after {SETTLE_SECONDS:g} s: {names}")
            time.sleep(0.1)
        connection.execute("VACUUM (ANALYZE, SKIP_LOCKED)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
