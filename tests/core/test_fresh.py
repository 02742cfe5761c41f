"""The database that each test gets is its template again, whatever the test before did to it."""

from collections.abc import Iterator

import psycopg
import pytest

from app.core.server.postgres import APP, SUPERUSER, EmbeddedPostgres
from tests.fresh import MOST_BYTES, FreshDatabase
from tests.services import TEMPLATE, Services, postgres_of

VALUES = {
    "bigint": "7",
    "boolean": "true",
    "bytea": "'x'",
    "date": "now()",
    "double precision": "0.5",
    "integer": "7",
    "json": "'{}'",
    "jsonb": "'{}'",
    "smallint": "7",
    "text": "'x'",
    "timestamp with time zone": "now()",
    "uuid": "gen_random_uuid()",
    "xid8": "'7'",
}
"""Something for a column of each type; arrays get an empty one."""
OURS = "NOT IN ('pg_catalog', 'information_schema')"


class Cast(FreshDatabase):
    """A database from a mould of this file, and what the tests ask about it."""

    def __init__(self, postgres: EmbeddedPostgres, name: str, mould: str) -> None:
        super().__init__(postgres, name, mould)
        self.url = as_superuser(postgres, name)

    def run(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.url) as connection:
            connection.execute("SET session_replication_role = replica")  # rows fit without those they refer to
            ran = connection.execute(statement.encode())
            return ran.fetchall() if ran.description else []

    def identity(self) -> int:
        return self.run("SELECT oid FROM pg_database WHERE datname = current_database()")[0][0]

    def tables(self) -> dict[str, list[str]]:
        """Every table, and its rows as text."""
        found = self.run(f"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname {OURS}")
        each = [f"SELECT '{name}', array(SELECT t::text FROM {name} t ORDER BY 1)" for (name,) in found]
        return dict(self.run(" UNION ALL ".join(each)))

    def sequences(self) -> dict[str, int | None]:
        """Every sequence, and the last value it gave."""
        return dict(self.run("SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences"))

    def everything(self) -> list[object]:
        """Tables, rows, sequences, columns, constraints, indexes, triggers, functions: all that the town stands on."""
        return [
            self.tables(),
            self.sequences(),
            self.run(f"SELECT nspname FROM pg_namespace WHERE nspname {OURS} ORDER BY 1"),
            self.run(
                "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default"
                f" FROM information_schema.columns WHERE table_schema {OURS} ORDER BY 1, 2, 3"
            ),
            self.run("SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2"),
            self.run(f"SELECT indexdef FROM pg_indexes WHERE schemaname {OURS} ORDER BY 1"),
            self.run("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger ORDER BY 1, 2"),
            self.run("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1"),
        ]

    def write_a_row(self, table: str) -> None:
        """One with something in each column that has to have it."""
        required = self.run(
            "SELECT quote_ident(attname), format_type(atttypid, NULL) FROM pg_attribute WHERE attnum > 0 AND attnotnull"
            f" AND NOT atthasdef AND attidentity = '' AND NOT attisdropped AND attrelid = '{table}'::regclass"
        )
        names = ", ".join(name for name, _ in required)
        values = ", ".join("'{}'" if kind.endswith("[]") else VALUES[kind] for _, kind in required)
        row = f"({names}) VALUES ({values})" if required else "DEFAULT VALUES"
        self.run(f"INSERT INTO {table} {row}")


def as_superuser(postgres: EmbeddedPostgres, name: str) -> str:
    return postgres.url(name).replace(f"postgresql+psycopg://{APP}:", f"postgresql://{SUPERUSER}:")


@pytest.fixture(scope="module")
def cast(services: Services, worker_id: str) -> Iterator[Cast]:
    """From a mould that is the town's template, but takes any row, and has a new table in a new schema."""
    postgres, mould = postgres_of(services), f"mould_{worker_id}"
    postgres.create_database(mould, template=TEMPLATE)
    with psycopg.connect(as_superuser(postgres, mould), autocommit=True) as connection:
        checks = (
            b"SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint WHERE contype = 'c' AND conrelid > 0"
        )
        for table, name in connection.execute(checks).fetchall():
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        connection.execute("CREATE SCHEMA later")
        connection.execute('CREATE TABLE later."New Things" (id bigserial PRIMARY KEY, word text NOT NULL)')
    made = Cast(postgres, f"cast_{worker_id}", mould)
    yield made
    postgres.drop_database(f"cast_{worker_id}")
    postgres.drop_database(mould)


@pytest.fixture(scope="module")
def template(cast: Cast) -> list[object]:
    """Everything, before a test did anything."""
    cast.renew()
    return cast.everything()


def test_whatever_was_written_to_any_table_or_sequence_is_gone(cast: Cast, template: list[object]) -> None:
    identity = cast.identity()
    empty = [table for table, rows in cast.tables().items() if not rows]
    assert 'later."New Things"' in empty
    for table in empty:
        cast.write_a_row(table)
    cast.run("SELECT nextval(seqrelid::regclass) FROM pg_sequence")
    assert all(cast.tables().values()), "a table that got no row proves nothing"
    assert all(cast.sequences().values()), "nor does a sequence that was not used"
    cast.renew()
    assert cast.everything() == template
    assert cast.identity() == identity, "it was emptied: making it anew would prove nothing either"


def test_whoever_is_still_in_it_is_sent_away(cast: Cast, template: list[object]) -> None:
    with psycopg.connect(cast.url) as straggler:
        straggler.execute("INSERT INTO core_eras (era, cluster) VALUES (9, 'of a thread that outlived its test')")
        cast.renew()
        with pytest.raises(psycopg.OperationalError):
            straggler.commit()
    assert cast.everything() == template


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalogue_categories SET name = name",
        "DELETE FROM catalogue_categories",
        "INSERT INTO alembic_version VALUES ('another')",
        "CREATE SCHEMA search CREATE TABLE search.posts (id uuid PRIMARY KEY)",
        "CREATE TABLE more (id bigint)",
        "DROP TABLE core_events CASCADE",
        "TRUNCATE core_listeners",
        "ALTER TABLE core_events ADD COLUMN more text",
        "ALTER TABLE core_events ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE ledger_journals DISABLE TRIGGER ALL",
        "CREATE INDEX ON core_events (name)",
        "CREATE OR REPLACE FUNCTION core_era() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 5'",
        "ALTER SEQUENCE core_events_id_seq INCREMENT BY 5",
        "REVOKE ALL ON core_events FROM app",
    ],
)
def test_a_change_of_more_than_new_rows_makes_it_anew(cast: Cast, template: list[object], change: str) -> None:
    identity = cast.identity()
    cast.run(change)
    cast.renew()
    assert cast.identity() != identity
    assert cast.everything() == template


def test_very_many_rows_make_it_anew(cast: Cast, template: list[object]) -> None:
    identity = cast.identity()
    many = MOST_BYTES // 1000 + 1
    cast.run(f"INSERT INTO core_eras SELECT n, repeat('x', 1000) FROM generate_series(1, {many}) n")
    cast.renew()
    assert cast.identity() != identity
    assert cast.everything() == template


def test_one_that_somebody_dropped_is_there_again(cast: Cast, template: list[object], services: Services) -> None:
    postgres_of(services).drop_database(cast.url.partition("?")[0].rpartition("/")[2])
    cast.renew()
    assert cast.everything() == template
