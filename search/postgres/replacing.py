"""A table that was filled apart takes the place of a kind's, and hardly anyone waits for it."""

import random
import time

import psycopg

from search.answers import EngineUnavailable
from search.postgres import tables
from search.postgres.connections import ALONE_MILLISECONDS, Connections

SWAP_MILLISECONDS = 200
LAST_MILLISECONDS = 1_200
"""The last try waits past deadlock_timeout (1 s), when an autovacuum of the table steps aside for it."""

TRIES = 40


def put_in_place(connections: Connections, kind: str, filled: str) -> None:
    """Gathers the statistics of `filled`, which nobody asks yet, and then swaps. Raises EngineUnavailable."""
    with connections.writing(ALONE_MILLISECONDS) as connection:
        tables.analyze(connection, filled)
    for _ in range(TRIES):
        if _swapped(connections, kind, filled):
            return
        time.sleep(random.uniform(0.05, 0.25))
    with connections.writing() as connection:
        tables.swap(connection, kind, filled, LAST_MILLISECONDS)


def _swapped(connections: Connections, kind: str, filled: str) -> bool:
    """Whether it came about; not while somebody holds the table longer than a moment."""
    try:
        with connections.writing() as connection:
            tables.swap(connection, kind, filled, SWAP_MILLISECONDS)
    except EngineUnavailable as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True
