"""Clicks of before count by the rule of now: once an hour for each visitor of a link, and not for its promoter."""

from uuid import UUID, uuid4

import psycopg

from tests.core.test_migrations import flask
from tests.services import Services, postgres_of

LINK = "INSERT INTO links_links (id, code, product_id, promoter_id) VALUES (%s, 'abcdefghij', %s, %s)"
CLICK = (
    "INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at)"
    " VALUES (%s, %s, %s, %s, timestamptz '2026-11-20 10:00+00' + %s * interval '1 minute')"
)
KEPT = "SELECT visitor_kind, visitor_id, counted_as IS NOT NULL FROM links_clicks ORDER BY id"


def test_clicks_of_before_count_once_an_hour(services: Services, worker_id: str) -> None:
    postgres, name = postgres_of(services), f"upgraded_to_0009_{worker_id}"
    postgres.drop_database(name)
    url = postgres.create_database(name)
    flask(url, "upgrade", "0008")
    link, goods, promoter, person, address = (uuid4() for _ in range(5))
    clicks: list[tuple[str | None, UUID | None, int, bool]] = [
        ("person", person, 1, True),
        ("person", person, 59, False),
        ("person", person, 60, True),
        ("person", promoter, 2, False),
        ("passing", uuid4(), 3, False),
        ("address", address, 3, True),
        (None, None, 4, True),
        (None, None, 4, True),
    ]
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER TABLE links_links DROP CONSTRAINT fk_links_links_product_id")  # no goods are needed
        connection.execute(LINK, (link, goods, promoter))
        for kind, visitor, minute, _ in clicks:
            connection.execute(CLICK, (link, goods, kind, visitor, minute))
        flask(url, "upgrade", "0009")
        kept = connection.execute(KEPT).fetchall()
        assert [row[2] for row in kept] == [counts for *_, counts in clicks]
        connection.execute("UPDATE links_clicks SET counted_as = gen_random_uuid() WHERE visitor_kind = 'passing'")
        flask(url, "downgrade", "0008")
        flask(url, "upgrade", "0009")
        again = connection.execute(KEPT).fetchall()
        assert sum(row[2] for row in again) == sum(row[2] for row in kept) + 1, "a newcomer still counts"
    postgres.drop_database(name)
