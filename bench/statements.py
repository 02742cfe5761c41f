"""The ceiling in PostgreSQL: the statements of a request and nothing around them.

As many processes and threads as the web server has, connections of each thread's own, everything prepared, rows fetched
as tuples; what is read with one plan each, and all that app/core/plain asks by app/core/wire, as it does. What a
request costs beyond that is HTTP, Python of ours and of libraries, Redis and Elasticsearch.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID

import psycopg

from app.core.ids import new_id
from app.core.server import gunicorn_conf
from app.core.wire import ask
from bench.figures import BenchError, Figures, of_samples
from bench.heard import COMMIT, Heard, Statement
from bench.processes import barrier, in_threads, together

Connection = psycopg.Connection[tuple[Any, ...]]
Work = Callable[[str, float, int, Barrier], list[float]]
"""What a thread does: for so many seconds, as the one of this number, once all are there; the time of each turn."""
THREADS = gunicorn_conf.workers * gunicorn_conf.threads
_UUID = re.compile(
    r"\b[0-9a-f]{8}(?P<dash>-?)[0-9a-f]{4}(?P=dash)7[0-9a-f]{3}(?P=dash)[0-9a-f]{4}(?P=dash)[0-9a-f]{12}\b"
)
"""Also without its dashes, as app/core/plain.array_of writes ids."""


def run_statements(url: str, requests: Sequence[Heard], seconds: float) -> Figures:
    """The statements of one read after the other, for so long. Raises BenchError."""
    return _in_all_threads(url, seconds, partial(_reads, requests))


def run_ways(url: str, ways: Sequence[Sequence[Heard]], began: float, seconds: float) -> Figures:
    """The statements of whole ways of buyers, for so long, with all the commits that they had.

    The ways were heard since `began` (Unix time). What they made is made anew each time: each id that is younger is
    another, the same one in all statements of a way. Raises BenchError if a statement does not do what it did.
    """
    return _in_all_threads(url, seconds, partial(_ways, ways, int(began * 1000)))


def _in_all_threads(url: str, seconds: float, work: Work) -> Figures:
    threads, start = gunicorn_conf.threads, barrier(THREADS)
    works = [
        partial(_process, url, seconds, range(one, one + threads), start, work) for one in range(0, THREADS, threads)
    ]
    return of_samples([one for took in together(works) for one in took], seconds)


def _process(url: str, seconds: float, numbers: range, start: Barrier, work: Work) -> list[float]:
    took = in_threads([partial(work, url, seconds, number, start) for number in numbers])
    return [one for times in took for one in times]


def _reads(requests: Sequence[Heard], url: str, seconds: float, number: int, start: Barrier) -> list[float]:
    took, place = list[float](), number * 7919
    with _reading(url) as connection:
        for one in requests[:50]:
            _ask(connection, one.statements, is_checked=False)
        start.wait()
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            place += 1
            _ask(connection, requests[place % len(requests)].statements, is_checked=False)
            took.append(time.perf_counter() - began)
    return took


def _ways(
    ways: Sequence[Sequence[Heard]], since: int, url: str, seconds: float, number: int, start: Barrier
) -> list[float]:
    """No two threads take the same way: they would wait for each other where two buyers do not."""
    took, mine, place = list[float](), ways[number::THREADS], 0
    with psycopg.connect(url) as writing, _reading(url) as reading:
        start.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            place += 1
            fresh = _anew(mine[place % len(mine)], since)
            began = time.perf_counter()
            for is_write, statements in fresh:
                _ask(writing if is_write else reading, statements, is_checked=True)
            took.append(time.perf_counter() - began)
    return took


def _reading(url: str) -> Connection:
    return psycopg.connect(url, autocommit=True, options="-c plan_cache_mode=force_generic_plan")


def _ask(connection: Connection, statements: Sequence[Statement], *, is_checked: bool) -> None:
    for one in statements:
        if one.sql == COMMIT:
            connection.commit()
            continue
        touched = _touched(connection, one)
        if is_checked and touched != one.rows:
            shown = one.sql[:200].decode()
            raise BenchError(f"a statement touched {touched} rows where it had touched {one.rows}: {shown}")


def _touched(connection: Connection, one: Statement) -> int:
    """How many rows it answered or touched; as core/plain asks, where its values have names, else as a session does."""
    if isinstance(one.values, Mapping):
        return ask(connection, one.sql, one.values).touched
    cursor = connection.execute(one.sql, one.values, prepare=True, binary=connection.autocommit)
    if cursor.description is not None:
        cursor.fetchall()
    return cursor.rowcount


def _anew(way: Sequence[Heard], since: int) -> list[tuple[bool, list[Statement]]]:
    """The statements of each request of a way, with other ids for what is made on it."""
    names: dict[UUID, UUID] = {}
    return [
        (heard.is_write, [Statement(one.sql, _renamed(one.values, names, since), one.rows) for one in heard.statements])
        for heard in way
    ]


def _written(one: UUID, dash: str) -> str:
    return str(one) if dash else one.hex


def _renamed(value: Any, names: dict[UUID, UUID], since: int) -> Any:
    """`value` with another id for each that was made at or after `since`: a UUIDv7 begins with its milliseconds."""
    if isinstance(value, UUID):
        return names.setdefault(value, new_id()) if value.int >> 80 >= since else value
    if isinstance(value, str):
        return _UUID.sub(lambda found: _written(_renamed(UUID(found[0]), names, since), found["dash"]), value)
    if isinstance(value, Mapping):
        return {name: _renamed(one, names, since) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(one, names, since) for one in value]
    return value
