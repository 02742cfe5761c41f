"""An Elasticsearch to measure search on: the one at ELASTICSEARCH_URL, or one that is started as the tests start theirs
(that needs Java 21, and Maven the first time)."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from elasticsearch import ApiError, Elasticsearch, TransportError

from app.core.server.up import ROOT

STARTER = "tests.servers.elasticsearch"


@dataclass(frozen=True, slots=True)
class RunningElastic:
    """`url` is "" and `missing` says why, if there is none. `pid` is 0 for one of another machine. All indexes of this
    run begin with `prefix`, and go when it ends: a given server may hold somebody's own."""

    url: str
    pid: int
    missing: str = ""
    prefix: str = ""

    @property
    def address(self) -> str:
        """host:port for a bare connection; "" where there is none, or none without TLS and password."""
        parts = urlsplit(self.url)
        return parts.netloc if parts.scheme == "http" and parts.port and "@" not in parts.netloc else ""


@contextmanager
def elastic(use: bool, start: bool, say: Callable[[str], None]) -> Iterator[RunningElastic]:
    """A given one if we may `use` one, else one of our own inside the with block if we may `start` one; else none."""
    given, prefix = os.environ.get("ELASTICSEARCH_URL", ""), f"bench{secrets.token_hex(4)}"
    if use and given:
        try:
            yield RunningElastic(given, _pid(given), prefix=prefix)
        finally:
            _forget(given, prefix)
    elif use and start:
        say("Starting Elasticsearch ...")
        with _own() as (url, missing):
            yield RunningElastic(url, _pid(url) if url else 0, missing, prefix)
    else:
        yield RunningElastic(
            "", 0, "not wanted" if not use else "not started, and ELASTICSEARCH_URL is not set", prefix
        )


@contextmanager
def _own() -> Iterator[tuple[str, str]]:
    """Its address, or "" and why there is none."""
    # A session of its own: on Ctrl-C it ends after the town that asks it. --owner: however we end, it ends.
    command = [sys.executable, "-m", STARTER, "--serve", "--owner", str(os.getpid())]
    keeper = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert keeper.stdout is not None and keeper.stderr is not None
    try:
        url = keeper.stdout.readline().strip()
        said = [] if url else keeper.stderr.read().strip().splitlines()
        yield url, "" if url else (said or ["it said nothing"])[-1]
    finally:
        keeper.send_signal(signal.SIGTERM)
        try:
            keeper.wait(30)
        except subprocess.TimeoutExpired:
            keeper.kill()  # the server dies with its keeper
            keeper.wait()
        keeper.stdout.close()
        keeper.stderr.close()


def _forget(url: str, prefix: str) -> None:
    with Elasticsearch(url, request_timeout=30) as client:
        for name in client.indices.get(index=f"{prefix}-*"):
            client.indices.delete(index=name)


def _pid(url: str) -> int:
    """The process that serves at `url`, if it is one of this machine."""
    try:
        with Elasticsearch(url, request_timeout=10) as client:
            nodes = client.nodes.info(node_id="_local", metric="process")["nodes"]
    except (TransportError, ApiError, ValueError):
        return 0
    pid = int(next(iter(nodes.values()))["process"]["id"])
    command = Path(f"/proc/{pid}/cmdline")
    return pid if command.exists() and b"elasticsearch" in command.read_bytes() else 0
