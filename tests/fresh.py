"""A database for each test that is its template again.

Making one costs 30 to 170 ms (some 300 files), emptying one about 15 ms. So a database in which a test only wrote rows
is emptied, and one in which anything else has changed, or much was written, is made anew.
"""

from typing import LiteralString, cast

import psycopg
from psycopg import sql

from app.core.server.postgres import APP, SUPERUSER, EmbeddedPostgres

MOST_BYTES = 4_000_000
"""Rows that are deleted leave their pages behind; above this many bytes of them a new database costs less."""

_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
_CATALOGS = """
    SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace
    AND relkind = 'r' AND (NOT relisshared OR relname = 'pg_db_role_setting') AND relname <> 'pg_statistic'"""
_WRITTEN = """
    SELECT c.oid::regclass::text, pg_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND pg_relation_size(c.oid) > 0"""
_REWIND = """
    SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"""


class FreshDatabase:
    """The database `name`, a copy of `template`; each test process has one of its own."""

    def __init__(self, postgres: EmbeddedPostgres, name: str, template: str) -> None:
        self._postgres = postgres
        self._name = name
        self._template = template
        self._kept: list[str] = []
        self._print: list[tuple[int, int]] = []

    def renew(self) -> None:
        """Afterwards all rows, sequences, tables and whatever else is in it are the template's, and nobody is in it."""
        try:
            if self._print and self._is_emptied():
                return
        except psycopg.OperationalError:
            pass  # somebody dropped it
        self._postgres.drop_database(self._name)
        self._postgres.create_database(self._name, template=self._template)
        with self._as_superuser() as connection:
            self._kept = list(_written(connection))
            self._print = self._print_of(connection)

    def _is_emptied(self) -> bool:
        """Delete what the test wrote; False if that does not make it the template again."""
        with self._as_superuser() as connection:
            all_gone = all(gone for (gone,) in connection.execute(_OTHERS))
            written = _written(connection)
            if not all_gone or sum(written.values()) > MOST_BYTES:
                return False
            # No trigger fires: neither those of foreign keys, nor those that keep the ledger from being changed.
            connection.execute("SET session_replication_role = replica")
            for table in written.keys() - set(self._kept):
                connection.execute(sql.SQL("DELETE FROM {}").format(_as_it_is(table)))
            connection.execute(_REWIND)
            return self._print_of(connection) == self._print

    def _print_of(self, connection: psycopg.Connection) -> list[tuple[int, int]]:
        """Of PostgreSQL's catalogs and of the tables that have rows in the template: (rows, sum of their writers).

        A row's writer (xmin) is copied with the template and changes with every change of the row: this sees any
        CREATE, ALTER, DROP, GRANT or TRUNCATE, and any change of the template's rows.
        """
        tables = [name for (name,) in connection.execute(_CATALOGS)] + self._kept
        each = sql.SQL("SELECT count(*), sum(xmin::text::bigint) FROM {}")
        return connection.execute(sql.SQL(" UNION ALL ").join(each.format(_as_it_is(one)) for one in tables)).fetchall()

    def _as_superuser(self) -> psycopg.Connection:
        url = self._postgres.url(self._name).replace(f"postgresql+psycopg://{APP}:", f"postgresql://{SUPERUSER}:")
        return psycopg.connect(url)


def _written(connection: psycopg.Connection) -> dict[str, int]:
    """The tables, by their quoted names, that have or had rows, and their bytes."""
    return dict(connection.execute(_WRITTEN).fetchall())


def _as_it_is(quoted: str) -> sql.SQL:
    return sql.SQL(cast("LiteralString", quoted))
