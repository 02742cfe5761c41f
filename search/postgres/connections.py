"""Connections of the search engine's own, and their failures in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import psycopg
from psycopg.errors import InvalidSchemaName, UndefinedColumn, UndefinedTable
from psycopg_pool import ConnectionPool

from search.answers import EngineNotReady, EngineUnavailable

ASKING_MILLISECONDS = 1_500
WRITING_MILLISECONDS = 5_000
"""For a statement in a transaction: others may wait for the rows and tables that it holds."""

ALONE_MILLISECONDS = 60_000
"""For a statement for which nobody waits."""

_POOL_SIZE = 8
_POOL_SECONDS = 1.0
_CONNECT_SECONDS = 2

Connection = psycopg.Connection[Any]


class Connections:
    """A small pool on `database_url` (of libpq or of SQLAlchemy). It connects when first used, in autocommit."""

    def __init__(self, database_url: str) -> None:
        self._opening = Lock()
        self._opened = False
        self._pool = ConnectionPool(
            re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", database_url),
            min_size=0,
            max_size=_POOL_SIZE,
            timeout=_POOL_SECONDS,
            open=False,
            check=ConnectionPool.check_connection,
            kwargs={
                "autocommit": True,
                "connect_timeout": _CONNECT_SECONDS,
                "options": f"-c statement_timeout={ASKING_MILLISECONDS}",
                "application_name": "search",
            },
        )

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for one short question."""
        self._open()
        try:
            with self._pool.connection() as connection:
                yield connection
        except (UndefinedTable, UndefinedColumn, InvalidSchemaName) as error:
            raise EngineNotReady(f"postgres: {error}".strip()) from error
        except psycopg.Error as error:
            raise EngineUnavailable(f"postgres: {error}".strip()) from error

    @contextmanager
    def writing(self, patience: int = WRITING_MILLISECONDS) -> Iterator[Connection]:
        """A connection in a transaction, with longer patience for each statement, in milliseconds."""
        with self.asking() as connection, connection.transaction():
            connection.execute("SELECT set_config('statement_timeout', %s, true)", [str(patience)])
            yield connection

    def close(self) -> None:
        """Lets the connections go."""
        with self._opening:
            self._pool.close()

    def _open(self) -> None:
        if self._opened:
            return
        with self._opening:
            if not self._opened:
                self._pool.open()
                self._opened = True
