"""The worker: tells listeners the facts they wait for, and sweeps what is due. Any number may run, on many machines."""

import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from app.core import eventlog, hearing
from app.core.db import begin_reading, db, in_transaction
from app.core.events import Hearing, hearings
from app.core.observability import SWEEPS

log = structlog.get_logger("worker")
POLL_SECONDS = 0.1


@dataclass
class Sweep:
    """Work that is due by time: `run` does one small batch in a transaction and answers how many it did."""

    name: str
    every: float
    run: Callable[[], int]
    next_at: float = field(default=0.0)


_sweeps: dict[str, Sweep] = {}


def every(*, seconds: float) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Run a sweep about every `seconds`. It takes rows FOR UPDATE SKIP LOCKED in small batches, is safe to run twice,
    and answers how many rows it did; while it answers more than 0 it is called again at once."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        name = f"{run.__module__.removeprefix('app.').removesuffix('.jobs')}.{run.__name__}"
        _sweeps[name] = Sweep(name, seconds, run)
        return run

    return register


def sweeps() -> list[Sweep]:
    return list(_sweeps.values())


def sweep_once(only: Sequence[str] | None = None) -> int:
    """Run every sweep until it finds nothing more; for tests and `flask worker --once`."""
    done = 0
    for one in sweeps():
        if only is None or one.name in only:
            while found := in_transaction(one.run):
                done += found
    return done


def drain(patience: float = 20.0) -> int:
    """Tell all listeners all there is to hear, once; for tests and `flask worker --once`. Answers the facts told.

    Facts behind an open writer, of any database of the cluster, are waited for up to `patience` seconds.
    """
    told, until = 0, time.monotonic() + patience
    while True:
        # Asked before telling: a writer that ends in between would hide its facts from both.
        waits = in_transaction(eventlog.has_unreadable)
        now = sum(max(hearing.hear(one), 0) for one in hearings())
        told += now
        if now:
            continue
        if time.monotonic() >= until or not waits:
            return told
        time.sleep(0.02)


class Worker:
    """The loop of `flask worker`. SIGTERM and SIGINT end it after the batch in hand."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._seen: eventlog.Position | None = None
        self._idle: dict[str, float] = {}
        self._retry_at = 0.0

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self._over.set())
        signal.signal(signal.SIGINT, lambda *_: self._over.set())
        in_transaction(eventlog.notice_restore)
        log.info("worker_ready", listeners=len(hearings()), sweeps=len(_sweeps))
        while not self._over.is_set():
            try:
                busy = self._round()
            except Exception:
                log.exception("worker_round_failed")
                db.session.remove()
                self._over.wait(1.0)
                continue
            if not busy:
                self._over.wait(POLL_SECONDS)

    def _round(self) -> bool:
        told = self._tell()
        self._retry()
        self._sweep()
        db.session.remove()
        return told > 0

    def _tell(self) -> int:
        begin_reading()
        head = eventlog.head()
        db.session.remove()
        told = 0
        for one in hearings():
            if head is not None and (head != self._seen or one.name in self._idle):
                told += self._tell_one(one)
        self._seen = head
        return told

    def _tell_one(self, one: Hearing) -> int:
        """Hear one batch; a listener whose outside is away, or that another worker holds, is asked again soon."""
        if self._idle.get(one.name, 0) > time.monotonic():
            return 0
        told = hearing.hear(one)
        if told < 0:
            self._idle[one.name] = time.monotonic() + 1.0
            return 0
        if told < one.batch:
            self._idle.pop(one.name, None)
        else:
            self._idle[one.name] = 0
        return told

    def _retry(self) -> None:
        """Facts kept aside are looked for once a second."""
        if time.monotonic() < self._retry_at:
            return
        while hearing.retry_failed() and not self._over.is_set():
            pass
        self._retry_at = time.monotonic() + 1.0

    def _sweep(self) -> None:
        for one in sweeps():
            if time.monotonic() < one.next_at:
                continue
            started = time.monotonic()
            try:
                found = in_transaction(one.run, name=one.name)
                SWEEPS.labels(one.name, "ok").inc()
            except Exception:
                log.exception("sweep_failed", sweep=one.name)
                SWEEPS.labels(one.name, "failed").inc()
                found = 0
            wait = 0.0 if found else one.every * random.uniform(0.9, 1.1)
            one.next_at = started + wait
