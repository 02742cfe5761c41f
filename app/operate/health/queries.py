"""Questions about the machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock, eventlog, observability, retrying, sweeplog, worker
from app.core.db import db
from app.core.events import hearings
from app.core.sweeplog import SweepRow
from app.operate.moderation import queries as moderation

SLOW = 60.0
"""Seconds of lag, of an open writer, or without a sign of the worker, from which on somebody should look."""


@dataclass(frozen=True, slots=True)
class ListenerState:
    """`lag`: seconds since the oldest fact that it has not heard; `kept_aside`: facts that it could not take.
    `is_needed`: false for one that this installation has no longer; `what`: what it does, in the words of its code."""

    name: str
    what: str
    lag: float
    heard_at: datetime | None
    kept_aside: int
    is_needed: bool

    @property
    def is_slow(self) -> bool:
        return self.is_needed and self.lag > SLOW


@dataclass(frozen=True, slots=True)
class SweepState:
    """`every`: seconds between two runs; `last` is None for one that no worker has run yet."""

    name: str
    what: str
    every: float
    last: SweepRow | None


@dataclass(frozen=True, slots=True)
class Machine:
    """`worker_seen_at`: the last sign of any worker; `oldest_writer`: seconds; `parts`: see observability.health."""

    listeners: list[ListenerState]
    sweeps: list[SweepState]
    parts: dict[str, dict[str, object]]
    oldest_writer: float
    worker_seen_at: datetime | None
    is_worker_away: bool
    waiting: moderation.Waiting

    @property
    def is_writer_old(self) -> bool:
        """Whether an open transaction has held up every listener for long."""
        return self.oldest_writer > SLOW


def machine() -> Machine:
    """All of it. Some ten queries, and what the parts ask."""
    noted = {one.name: one for one in sweeplog.noted_sweeps()}
    seen_at = max((one.ran_at for one in noted.values()), default=None)
    now = db.session.execute(select(clock.db_now())).scalar_one()
    return Machine(
        listeners=_listeners(),
        sweeps=[
            SweepState(one.name, what_is_done(one.run), one.every, noted.get(one.name))
            for one in sorted(worker.sweeps(), key=_name)
        ],
        parts=observability.health()[1],
        oldest_writer=eventlog.oldest_writer(),
        worker_seen_at=seen_at,
        is_worker_away=seen_at is None or now - seen_at > timedelta(seconds=SLOW),
        waiting=moderation.waiting(),
    )


def _listeners() -> list[ListenerState]:
    """Those that this installation needs, and those that left something behind."""
    lags, heard, aside = dict(eventlog.lags()), eventlog.heard_at(), retrying.kept_aside_counts()
    needed = {one.name: what_is_done(one.run) for one in hearings()}
    return [
        ListenerState(
            name, needed.get(name, ""), lags.get(name, 0.0), heard.get(name), aside.get(name, 0), name in needed
        )
        for name in sorted({*needed, *heard, *aside})
    ]


def what_is_done(run: Callable[..., object]) -> str:
    """The first line of what a function says of itself, "" if it says nothing."""
    return (run.__doc__ or "").strip().partition("\n")[0]


def _name(sweep: worker.Sweep) -> str:
    return sweep.name
