"""Calls to the outside (a payment provider): never inside a transaction, and never longer than a person waits.

A row wants the call and is committed first; the call runs without a connection, under a lease that the row holds; its
answer is recorded in a transaction of its own. Whoever dies in between leaves the row to the worker.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app

T = TypeVar("T")
LIMIT_SECONDS = 5.0
"""How long a request waits for an answer from outside."""
THREADS = 16
_pools: dict[int, ThreadPoolExecutor] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The row `id` wants a call; `value` is how it stands until the call is answered, for the answer 202."""

    id: UUID
    value: Any


@dataclass(frozen=True, slots=True)
class Calls:
    """What a door with `calls=` does between its two transactions.

    `ask(id)` opens transactions of its own, takes the lease of the row and asks; it answers None if there is nothing to
    ask, or somebody else is asking. `record(id, answer)` runs in the last transaction and answers what the door
    answers, or Wanted if the row wants its call still.
    """

    ask: Callable[[UUID], Any]
    record: Callable[[UUID, Any], Any]


class Late(Exception):
    """The call is not answered in time. It may still be: who records that is the worker."""


def in_time(call: Callable[[UUID], T], row_id: UUID, seconds: float | None = None) -> T:
    """call(row_id) in a thread of its own; raises Late after `seconds` (LIMIT_SECONDS), and what the call raises."""
    future = _started(call, row_id)
    try:
        return future.result(timeout=LIMIT_SECONDS if seconds is None else seconds)
    except TimeoutError:
        if future.done():
            raise
        raise Late from None


def each(call: Callable[[T], object], things: Sequence[T]) -> None:
    """Call with each of a few things at once; raises what the first that failed raised, when all are done."""
    futures = [_started(call, one) for one in things]
    failures = [one.exception() for one in futures]
    for failure in failures:
        if failure is not None:
            raise failure


def _started(call: Callable[[Any], T], thing: Any) -> Future[T]:
    """With an app context of its own, and so a database session of its own, which ends with it."""
    context = current_app.app_context()

    def work() -> T:
        with context:
            return call(thing)

    return _pool().submit(work)


def _pool() -> ThreadPoolExecutor:
    """Of this process: threads do not live on in a forked one."""
    if os.getpid() not in _pools:
        _pools.clear()
        _pools[os.getpid()] = ThreadPoolExecutor(THREADS, thread_name_prefix="outside")
    return _pools[os.getpid()]
