"""The worker: tells listeners the facts they wait for, and sweeps what is due. Any number may run, on many machines."""

import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from flask import Flask

from app.core import eventlog, hearing, retrying, sweeplog
from app.core.db import begin_reading, end_work, in_transaction
from app.core.events import Hearing, hearings
from app.core.observability import SWEEPS

log = structlog.get_logger("worker")
POLL_SECONDS = 0.1
ASK_SECONDS = 2.0
NOTE_IDLE_SECONDS, NOTE_BUSY_SECONDS = 10.0, 1.0
"""A sweep that ran and found nothing is noted so often, one that did something so often; a failure at once."""


@dataclass
class Sweep:
    """Work that is due by time: `run` does one small batch in a transaction and answers how many it did; one that is
    `outside` opens its transactions itself, since it calls others between them."""

    name: str
    every: float
    run: Callable[[], int]
    outside: bool = False
    next_at: float = field(default=0.0)
    noted_at: float = field(default=float("-inf"))
    unnoted: int = field(default=0)

    def once(self) -> int:
        """One batch."""
        return self.run() if self.outside else in_transaction(self.run, name=self.name)


_sweeps: dict[str, Sweep] = {}


def every(*, seconds: float, outside: bool = False) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Run a sweep about every `seconds`. It takes rows FOR UPDATE SKIP LOCKED in small batches, is safe to run twice,
    and answers how many rows it did; while it answers more than 0 it is called again at once.

    `outside`: it calls a system outside, so it runs without a transaction, in a thread of its own."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        name = f"{run.__module__.removeprefix('app.').removesuffix('.jobs')}.{run.__name__}"
        _sweeps[name] = Sweep(name, seconds, run, outside)
        return run

    return register


def sweeps() -> list[Sweep]:
    return list(_sweeps.values())


def sweep_once(only: Sequence[str] | None = None) -> int:
    """Run every sweep until it finds nothing more; for tests and `flask worker --once`."""
    done = 0
    for one in sweeps():
        if only is None or one.name in only:
            while found := one.once():
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
    """The loop of `flask worker`. SIGTERM and SIGINT end it after the batch in hand.

    The sweeps have a thread, and so has each sweep and each listener that acts outside PostgreSQL: what one waits for
    (a frozen search engine, a slow payment provider), or a listener that fails, never holds up what is due.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._over = threading.Event()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self._over.set())
        signal.signal(signal.SIGINT, lambda *_: self._over.set())
        in_transaction(eventlog.notice_restore)
        log.info("worker_ready", listeners=len(hearings()), sweeps=len(_sweeps))
        outside = [_Ears([one]).tell for one in hearings() if one.outside]
        outside += [partial(sweep_these, [one]) for one in sweeps() if one.outside]
        inside = partial(sweep_these, [one for one in sweeps() if not one.outside])
        threads = [threading.Thread(target=self._go, args=(work,), daemon=True) for work in [inside, *outside]]
        for thread in threads:
            thread.start()
        self._repeat(_Ears([one for one in hearings() if not one.outside]).tell)
        for thread in threads:
            thread.join(timeout=3)

    def _go(self, work: Callable[[], int]) -> None:
        with self._app.app_context():
            self._repeat(work)

    def _repeat(self, work: Callable[[], int]) -> None:
        """Work until the end; rest a moment after a round with nothing to do, longer after a failed one."""
        while not self._over.is_set():
            try:
                busy = work()
            except Exception:
                log.exception("worker_round_failed")
                busy = 0
                self._over.wait(1.0)
            finally:
                end_work()
            if not busy:
                self._over.wait(POLL_SECONDS)


def sweep_these(these: Sequence[Sweep]) -> int:
    """Each of these sweeps whose time has come, once; answers how many rows they did."""
    done = 0
    for one in these:
        if time.monotonic() < one.next_at:
            continue
        started, problem = time.monotonic(), ""
        try:
            found = one.once()
            SWEEPS.labels(one.name, "ok").inc()
        except Exception as error:
            log.exception("sweep_failed", sweep=one.name)
            SWEEPS.labels(one.name, "failed").inc()
            found, problem = 0, hearing.words_of(error)
        _note(one, time.monotonic() - started, found, problem)
        wait = 0.0 if found else one.every * random.uniform(0.9, 1.1)
        one.next_at = started + wait
        done += found
    return done


def _note(one: Sweep, seconds: float, found: int, problem: str) -> None:
    """Write down, now and then, how a sweep went; what it did since the last time is counted together."""
    one.unnoted += found
    rest = NOTE_BUSY_SECONDS if one.unnoted else NOTE_IDLE_SECONDS
    if not problem and time.monotonic() - one.noted_at < rest:
        return
    took_ms = round(seconds * 1000)
    try:
        in_transaction(lambda: sweeplog.note(one.name, took_ms, one.unnoted, problem))
    except Exception:
        log.exception("sweep_not_noted", sweep=one.name)
        return
    one.noted_at, one.unnoted = time.monotonic(), 0


class _Ears:
    """A few listeners, told what is new. Where nothing new is for a listener it is asked only now and then, since its
    cursor may have been set back (a rebuild)."""

    def __init__(self, listeners: Sequence[Hearing]) -> None:
        self._listeners = listeners
        self._seen: eventlog.Position | None = None
        self._again_at: dict[str, float] = {}
        self._asked_at = 0.0
        self._retry_at = 0.0

    def tell(self) -> int:
        """One batch for each that something new is for, and a fact kept aside if one is due.

        Answers how many facts were told in batches that were full: these go on at once. Else facts gather for a moment,
        since to tell one costs as much as to tell twenty.
        """
        return self._tell_new() + self._retry()

    def _retry(self) -> int:
        """Facts kept aside are looked for once a second, and on while there are any."""
        if time.monotonic() < self._retry_at:
            return 0
        found = retrying.retry_failed(self._listeners)
        if not found:
            self._retry_at = time.monotonic() + 1.0
        return found

    def _tell_new(self) -> int:
        begin_reading()
        head = eventlog.head()
        fresh = eventlog.names_between(self._seen, head) if head and self._seen else None
        end_work()
        if head is None:
            return 0
        self._seen = head
        return sum(self._tell_one(one) for one in self._concerned(fresh))

    def _concerned(self, fresh: frozenset[str] | None) -> Sequence[Hearing]:
        """Whom these new facts are for, and who asked to be told again; now and then, or if it is unknown, all."""
        if fresh is None or time.monotonic() - self._asked_at > ASK_SECONDS:
            self._asked_at = time.monotonic()
            return self._listeners
        return [one for one in self._listeners if one.name in self._again_at or one.facts & fresh]

    def _tell_one(self, one: Hearing) -> int:
        """Hear one batch; answers how many facts, if it was full. A listener whose outside is away, or that another
        worker holds, is asked again soon."""
        if self._again_at.get(one.name, 0) > time.monotonic():
            return 0
        try:
            told = hearing.hear(one)
        except Exception:
            log.exception("listener_failed", listener=one.name)
            told = hearing.HELD
        if told < 0:
            self._again_at[one.name] = time.monotonic() + 1.0
        elif told < one.batch:
            self._again_at.pop(one.name, None)
        else:
            self._again_at[one.name] = 0
            return told
        return 0
