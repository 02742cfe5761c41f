"""What must hold after every scenario in a town that runs (tests/sound.py says what)."""

from dataclasses import dataclass

import psycopg

from tests.live import LiveTown
from tests.sound import broken


@dataclass(frozen=True)
class Stock:
    """Where the units of one SKU are."""

    available: int
    held: int
    sold: int

    @property
    def all(self) -> int:
        return self.available + self.held + self.sold


def assert_sound(town: LiveTown) -> None:
    """Every rule of a sound store, with the offending ids in the message."""
    with connected(town) as connection:
        found = broken(lambda query: connection.execute(query.encode()).fetchall())
    assert not found, found


def stock_of(town: LiveTown, sku_id: str) -> Stock:
    with connected(town) as connection:
        row = connection.execute(
            "SELECT (SELECT available FROM inventory_stock WHERE sku_id = %(id)s),"
            " coalesce(sum(quantity) FILTER (WHERE state = 'active'), 0),"
            " coalesce(sum(quantity) FILTER (WHERE state = 'committed'), 0)"
            " FROM inventory_holds WHERE sku_id = %(id)s",
            {"id": sku_id},
        ).fetchone()
    assert row is not None
    return Stock(int(row[0]), int(row[1]), int(row[2]))


def count(town: LiveTown, query: str) -> int:
    with connected(town) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def connected(town: LiveTown) -> psycopg.Connection:
    return psycopg.connect(town.env["DATABASE_URL"].replace("+psycopg", ""), autocommit=True)
