"""The web server's workers share the connections."""

import http.client
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from app.core.ids import new_id
from tests.live import LiveTown


def _connections(pid: int) -> int:
    sockets = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets += os.readlink(descriptor).startswith("socket:")
        except OSError:
            continue
    return sockets


def _serving(town: LiveTown) -> list[int]:
    """The workers, once each of them has answered a request: then it has threads. One that still starts has none."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with _open(town, 4):
            pids = town.web_worker_pids()
            if len(pids) == 2 and all(_threads(pid) > 1 for pid in pids):
                return pids
    raise AssertionError("there are not two workers that answer")


def _threads(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except FileNotFoundError:
        return 0  # it has just ended


@contextmanager
def _open(town: LiveTown, count: int) -> Iterator[list[http.client.HTTPConnection]]:
    """Connections that are all made before the first request, and kept alive."""
    with ExitStack() as stack:
        made = [http.client.HTTPConnection("127.0.0.1", town.port, timeout=10) for _ in range(count)]
        for one in made:
            stack.callback(one.close)
            one.connect()
        for one in made:
            _ask(one)
        yield made


def _ask(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/healthz")
    assert connection.getresponse().read()


def test_connections_that_come_at_once_are_spread_over_the_workers(live: LiveTown) -> None:
    live.start()
    pids = _serving(live)
    time.sleep(0.5)  # those of before are closed by then
    before = {pid: _connections(pid) for pid in pids}
    with _open(live, 20):
        shares = sorted(_connections(pid) - count for pid, count in before.items())
    assert shares[0] >= 5, shares


def test_a_worker_that_was_killed_is_no_reason_to_wait(live: LiveTown) -> None:
    live.start()
    _serving(live)
    live.kill_a_web_worker()
    _serving(live)
    with _open(live, 20) as kept:
        began = time.monotonic()
        for one in kept:
            _ask(one)
        assert time.monotonic() - began < 2


def test_people_who_have_gone_idle_keep_nobody_out(live: LiveTown) -> None:
    """As many as two workers may hold, and three times as many after them; the last ones stay connected."""
    live.env["WEB_CONNECTIONS"] = "30"
    live.start()
    _serving(live)
    with ExitStack() as stack:
        made: list[http.client.HTTPConnection] = []
        for _ in range(4 * 60):
            made.append(http.client.HTTPConnection("127.0.0.1", live.port, timeout=10))
            stack.callback(made[-1].close)
            began = time.monotonic()
            _ask(made[-1])
            assert time.monotonic() - began < 1, f"after {len(made) - 1} idle ones"
        assert all(one.sock is not None for one in made[-20:]), "none of the last was told to close"
        for one in made[-10:]:
            kept = one.sock
            _ask(one)
            assert one.sock is kept
        pids = set(live.web_worker_pids())
        for one in made[-40:]:
            one.close()  # those hang up at the moment in which others come
        with _open(live, 60):
            assert set(live.web_worker_pids()) == pids, "no worker was lost over it"


def test_workers_share_what_is_loaded_so_that_a_killed_one_is_replaced_by_a_fork(live: LiveTown) -> None:
    """0.39 of a worker's memory was its own share here, 0.80 where each of two loaded the application by itself."""
    live.start()
    for pid in _serving(live):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        proportional, resident = (int(re.findall(rf"{name}: +(\d+) kB", rollup)[0]) for name in ("Pss", "Rss"))
        assert proportional < 0.6 * resident, rollup


def test_forked_workers_never_make_the_same_id() -> None:
    """What is loaded before the fork holds the state of a random generator too, once an id was made of it."""
    for _ in range(10):
        new_id()
        with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
            made = [one for many in pool.map(_ids, range(4)) for one in many]
        assert len(set(made)) == 4 * 500


def _ids(_: int) -> list[UUID]:
    return [new_id() for _ in range(500)]
