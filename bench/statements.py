"""The ceiling in PostgreSQL: the statements of a request and nothing around them.

As many processes and threads as the web server has, a connection each, everything prepared, rows fetched as tuples.
What a request costs beyond that is HTTP, Python of ours and of libraries, Redis and Elasticsearch.
"""

import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier

import psycopg

from app.core.server import gunicorn_conf
from bench.figures import Figures, of_samples
from bench.heard import Heard
from bench.processes import barrier, in_threads, together


def run_statements(url: str, requests: Sequence[Heard], seconds: float) -> Figures:
    """Run the statements of one request after the other, for so long. Raises BenchError."""
    processes, threads = gunicorn_conf.workers, gunicorn_conf.threads
    start = barrier(processes * threads)
    works = [partial(_process, url, requests, seconds, one * threads, threads, start) for one in range(processes)]
    took = [time for times in together(works) for time in times]
    return of_samples(took, seconds)


def _process(
    url: str, requests: Sequence[Heard], seconds: float, first: int, threads: int, start: Barrier
) -> list[float]:
    works = [partial(_thread, url, requests, seconds, first + one, start) for one in range(threads)]
    return [time for times in in_threads(works) for time in times]


def _thread(url: str, requests: Sequence[Heard], seconds: float, number: int, start: Barrier) -> list[float]:
    took, place = list[float](), number * 7919
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for one in requests[:50]:
            _ask(cursor, one)
        start.wait()
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            place += 1
            _ask(cursor, requests[place % len(requests)])
            took.append(time.perf_counter() - began)
    return took


def _ask(cursor: "psycopg.Cursor[tuple[object, ...]]", one: Heard) -> None:
    for sql, values in one.statements:
        cursor.execute(sql, values, prepare=True)
        if cursor.description is not None:
            cursor.fetchall()
