"""What was published before there was a queue does not fill it; what is published after it does."""

import time

import psycopg
import pytest

from tests.core.test_migrations import flask
from tests.services import Services, postgres_of

PLACE = "SELECT event_id FROM core_listeners WHERE name = 'moderation.queue_posts'"
HEAD = "SELECT max(id) FROM core_events"
CAN_BE_HEARD = "SELECT coalesce(bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())), true) FROM core_events"
TELL = "INSERT INTO core_events (name, body) VALUES ('PostPublished', '{}')"


@pytest.mark.parametrize("facts", [0, 3])
def test_the_queue_begins_at_the_head_of_the_log(services: Services, worker_id: str, facts: int) -> None:
    postgres, name = postgres_of(services), f"upgraded_to_0007_{worker_id}"
    postgres.drop_database(name)
    url = postgres.create_database(name)
    flask(url, "upgrade", "0006")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for _ in range(facts):
            connection.execute(TELL)
        while connection.execute(CAN_BE_HEARD).fetchone() != (True,):  # a writer of another database holds them back
            time.sleep(0.02)
        flask(url, "upgrade", "0007")
        head = connection.execute(HEAD).fetchone()
        assert connection.execute(PLACE).fetchone() == (head if facts else None)
        flask(url, "downgrade", "0006")
        assert connection.execute(PLACE).fetchone() is None
    postgres.drop_database(name)
