"""Work in several processes at once, so that the one who measures is not held up by the interpreter's lock.

They are forked: fork from a process that has no threads. They end with the measurement, or when we do.
"""

import multiprocessing
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar, cast

from bench.figures import BenchError

T = TypeVar("T")
LONGEST = 600.0
"""Seconds after which no answer will come."""
_forks = multiprocessing.get_context("fork")


def barrier(parties: int) -> Barrier:
    """Who waits here goes on when so many wait; shared by forks and their threads."""
    return _forks.Barrier(parties)


def queue() -> "multiprocessing.SimpleQueue[Any]":
    """Takes what one process says to another."""
    return _forks.SimpleQueue()


def together(works: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of them at once, each in a fork of its own; what they answer, in their order.

    Raises BenchError as soon as one of them fails; the others are ended then.
    """
    forks: list[ForkProcess] = []
    ends: list[Connection] = []
    try:
        for work in works:
            here, there = _forks.Pipe(duplex=False)
            fork = _forks.Process(target=_do, args=(work, there), daemon=True)
            fork.start()
            there.close()
            forks.append(fork)
            ends.append(here)
        return _collected(ends)
    finally:
        for fork in forks:
            fork.kill()
            fork.join()


def in_threads(works: Sequence[Callable[[], T]]) -> list[T]:
    """The same in threads of this process; for a fork. Raises what one of them raised."""
    answers: list[T | BaseException] = [BenchError("no answer")] * len(works)

    def do(place: int) -> None:
        try:
            answers[place] = works[place]()
        except BaseException as error:
            answers[place] = error

    threads = [threading.Thread(target=do, args=(place,), daemon=True) for place in range(len(works))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return cast("list[T]", answers)


def _do(work: Callable[[], Any], end: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        end.send((True, work()))
    except BenchError as error:
        end.send((False, str(error)))
    except Exception:
        end.send((False, traceback.format_exc()))


def _collected(ends: Sequence[Connection]) -> list[Any]:
    answers: dict[int, Any] = {}
    open_ends = {id(end): place for place, end in enumerate(ends)}
    while open_ends:
        ready = wait([end for end in ends if id(end) in open_ends], timeout=LONGEST)
        if not ready:
            raise BenchError(f"a process gave no answer within {LONGEST:g} s")
        for end in ready:
            place = open_ends.pop(id(end))
            try:
                is_well, answer = cast("Connection", end).recv()
            except EOFError:
                raise BenchError("a process ended without an answer") from None
            if not is_well:
                raise BenchError(str(answer))
            answers[place] = answer
    return [answers[place] for place in range(len(ends))]
