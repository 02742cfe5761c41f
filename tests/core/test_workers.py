"""The web server's workers share the connections."""

import http.client
import os
import time
from pathlib import Path

from tests.live import LiveTown


def _connections(pid: int) -> int:
    sockets = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets += os.readlink(descriptor).startswith("socket:")
        except OSError:
            continue
    return sockets


def _open(town: LiveTown, count: int) -> list[http.client.HTTPConnection]:
    """Connections that are all made before the first request, and kept alive."""
    found = [http.client.HTTPConnection("127.0.0.1", town.port, timeout=10) for _ in range(count)]
    for one in found:
        one.connect()
    for one in found:
        one.request("GET", "/healthz")
        assert one.getresponse().read()
    return found


def test_connections_that_come_at_once_are_spread_over_the_workers(live: LiveTown) -> None:
    live.start()
    before = {pid: _connections(pid) for pid in live.web_worker_pids()}
    assert len(before) == 2
    kept = _open(live, 20)
    shares = sorted(_connections(pid) - count for pid, count in before.items())
    assert sum(shares) >= 20
    assert shares[0] >= 7, shares
    for one in kept:
        one.close()


def test_a_worker_that_was_killed_is_no_reason_to_wait(live: LiveTown) -> None:
    live.start()
    live.kill_a_web_worker()
    end = time.monotonic() + 10
    while len(live.web_worker_pids()) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    kept = _open(live, 20)
    began = time.monotonic()
    for one in kept:
        one.request("GET", "/healthz")
        assert one.getresponse().read()
    assert time.monotonic() - began < 2
    for one in kept:
        one.close()
