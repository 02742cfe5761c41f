"""Load of reads: the same list of requests again and again over some connections, each asking when it was answered.

It is a closed loop: a slow server is asked less often, so the times say how it is at its peak, not how it is under a
rate that somebody else decides. Any answer but 2xx ends the run.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Protocol

from bench.client import Asked, Talk
from bench.figures import BenchError, Figures, of_counts, of_samples
from bench.processes import barrier, together

SCRIPT = Path(__file__).with_name("wrk.lua")


class Load(Protocol):
    """A way to ask."""

    @property
    def name(self) -> str: ...

    def run(self, address: str, requests: Sequence[Asked], seconds: float) -> Figures:
        """Ask `address` ("host:port") for so long. Raises BenchError for an answer that is not 2xx."""


@dataclass(frozen=True)
class Wrk:
    """wrk, in C: it costs a tenth of what it measures."""

    program: str
    connections: int
    name: str = "wrk"

    def run(self, address: str, requests: Sequence[Asked], seconds: float) -> Figures:
        """wrk measures whole seconds at its own clock; shorter ones are rounded up."""
        with tempfile.NamedTemporaryFile("w", prefix="bench-", suffix=".requests") as file:
            lines = ("\t".join((one.method, one.path, one.authorization, one.body.decode())) for one in requests)
            file.write("\n".join(lines) + "\n")
            file.flush()
            said = self._said(address, file.name, max(1, round(seconds)))
        totals = next((line.split() for line in said.splitlines() if line.startswith("TOTALS")), [])
        if len(totals) != 8:
            raise BenchError(f"wrk ended without its totals:\n{said[-1000:]}")
        duration, count, connect, read, write, status, timeout = (int(part) for part in totals[1:])
        if connect or read or write or status or timeout:
            wrong = f"{connect} connections failed, {read} reads, {write} writes, {timeout} timed out"
            raise BenchError(f"{address}{requests[0].path}: {status} of {count} answers were not 2xx, {wrong}")
        counted = dict[int, int]()
        for line in said.splitlines():
            if line.startswith("LATENCY"):
                _, microseconds, times = line.split()
                counted[int(microseconds)] = int(times)
        real = uncorrected(counted, duration // (count // self.connections))
        if sum(real.values()) != count:
            raise BenchError(f"wrk counted {count} answers, but {sum(real.values())} times")
        return of_counts(real, duration / 1_000_000)

    def _said(self, address: str, file: str, seconds: int) -> str:
        shape = [f"-t{min(2, self.connections)}", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s"]
        command = [self.program, *shape, "-s", str(SCRIPT), f"http://{address}", "--", file]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode:
            raise BenchError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout


def uncorrected(counted: dict[int, int], expected: int) -> dict[int, int]:
    """The times that wrk measured, out of those that it tells.

    wrk adds times that it did not measure: to one of n microseconds, if that is twice `expected` (the mean of a
    connection) or more, also n - expected, n - 2 x expected ... down to above `expected`, for the requests that a
    client with a fixed rate would have sent meanwhile (wrk.c and stats.c, stats_correct). Our clients have none. It
    goes upwards and adds only below; so going downwards each count is its true one by the time it is looked at.
    """
    real = dict(counted)
    for slow in sorted(counted, reverse=True):
        if slow < 2 * expected or not real[slow]:
            continue
        for added in range(slow - expected, expected, -expected):
            real[added] -= real[slow]
    return {microseconds: count for microseconds, count in real.items() if count}


@dataclass(frozen=True)
class Sockets:
    """Our own, where wrk is missing: a process a connection. Being Python it takes processor from what it measures."""

    connections: int
    name: str = "our own client (Python)"

    def run(self, address: str, requests: Sequence[Asked], seconds: float) -> Figures:
        start = barrier(self.connections)
        works = [partial(_walk, address, requests, seconds, one, start) for one in range(self.connections)]
        took = [time for times in together(works) for time in times]
        return of_samples(took, seconds)


def _walk(address: str, requests: Sequence[Asked], seconds: float, number: int, start: Barrier) -> list[float]:
    talk, took, place = Talk(address), list[float](), number * 7919
    start.wait()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        place += 1
        took.append(_fine(talk, requests[place % len(requests)]))
    return took


def _fine(talk: Talk, asked: Asked) -> float:
    answer = talk.send(asked)
    if answer.status // 100 != 2:
        raise BenchError(f"{asked.method} {asked.path} answered {answer.status}: {answer.body[:300]!r}")
    return answer.seconds


def loader(connections: int, wanted: str | None = None) -> Load:
    """wrk if it is there, unless our own is `wanted` ("python"). Raises BenchError if "wrk" is wanted and missing."""
    program = shutil.which("wrk")
    if program and wanted != "python":
        return Wrk(program, connections)
    if wanted == "wrk":
        raise BenchError("wrk is not on PATH (Debian: apt-get install wrk; macOS: brew install wrk)")
    return Sockets(connections)
