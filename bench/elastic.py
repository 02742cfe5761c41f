"""An Elasticsearch to measure search on: a given one, or one that is started as the tests start theirs."""

import os
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
    """`url` is "" and `missing` says why, if there is none. `pid` is 0 for one of another machine."""

    url: str
    pid: int
    missing: str = ""

    @property
    def address(self) -> str:
        """host:port for a bare connection; "" where there is none, or none without TLS."""
        parts = urlsplit(self.url)
        return parts.netloc.rpartition("@")[2] if parts.scheme == "http" and parts.port else ""


@contextmanager
def elastic(wanted: bool, say: Callable[[str], None]) -> Iterator[RunningElastic]:
    """The one at ELASTICSEARCH_URL, or one of our own inside the with block; or none, and why."""
    given = os.environ.get("ELASTICSEARCH_URL", "")
    if given or not wanted:
        yield RunningElastic(given, _pid(given) if given else 0, "" if given else "not wanted")
        return
    say("Starting Elasticsearch ...")
    # A session of its own: on Ctrl-C it ends after the town that asks it. --owner: however we end, it ends.
    command = [sys.executable, "-m", STARTER, "--serve", "--owner", str(os.getpid())]
    keeper = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert keeper.stdout is not None and keeper.stderr is not None
    try:
        url = keeper.stdout.readline().strip()
        if url:
            yield RunningElastic(url, _pid(url))
        else:
            yield RunningElastic("", 0, (keeper.stderr.read().strip().splitlines() or ["it said nothing"])[-1])
    finally:
        keeper.send_signal(signal.SIGTERM)
        keeper.wait(60)
        keeper.stdout.close()
        keeper.stderr.close()


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
