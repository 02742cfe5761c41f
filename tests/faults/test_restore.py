"""A dump restored into a fresh cluster: the town goes on, and every listener hears the next fact."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import pytest

from app.core.server.postgres import EmbeddedPostgres, program
from tests.faults.invariants import assert_sound
from tests.journeys.people import Somebody, done, eventually
from tests.live import LiveTown


@pytest.fixture
def fresh_cluster(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    tmp_path.chmod(0o755)
    found = EmbeddedPostgres(tmp_path / "fresh", "another password", durable=False)
    found.start()
    yield found
    found.stop()


def _run(tool: str, url: str, *arguments: str) -> None:
    parts = urlsplit(url.replace("+psycopg", ""))
    env = {**os.environ, "PGPASSWORD": unquote(parts.password or ""), "PGHOST": parse_qs(parts.query)["host"][0]}
    command = [str(program(tool)), "-U", parts.username or "", "-d", parts.path[1:], *arguments]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=100)


def _burn_transactions(url: str, number: int) -> None:
    """The old cluster has lived longer than the new one: its transaction numbers are far higher."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            f"DO $$ BEGIN FOR n IN 1..{number} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )


def test_after_a_restore_every_listener_hears_the_next_fact(
    live: LiveTown, tmp_path: Path, fresh_cluster: EmbeddedPostgres
) -> None:
    town = live.start()
    _burn_transactions(town.env["DATABASE_URL"], 5000)
    merchant = Somebody(town, "老店主")
    product = merchant.lists(merchant.opens_a_shop(), title="搬家前的围巾")
    eventually(lambda: _finds(town, "搬家前的围巾", product["id"]), 30)
    dump = str(tmp_path / "town.dump")
    town.stop()
    _run("pg_dump", town.env["DATABASE_URL"], "-Fc", "-f", dump)
    new = fresh_cluster.create_database("restored")
    _run("pg_restore", new, "--exit-on-error", "--no-owner", dump)

    town.env["DATABASE_URL"] = new
    town.start_web()
    town.start_worker()
    assert _finds(town, "搬家前的围巾", product["id"])
    later = merchant.lists(merchant.opens_a_shop(), title="搬家后的手套")
    eventually(lambda: _finds(town, "搬家后的手套", later["id"]), 30)
    post = merchant.publishes(later["id"])
    assert merchant.buys(post["tags"][0]["link"]["code"], later["skus"][0]["id"])["status"] == "paid"
    with psycopg.connect(new.replace("+psycopg", ""), autocommit=True) as connection:
        behind = "SELECT count(*) FROM core_listeners WHERE era < core_era()"
        eventually(lambda: (connection.execute(behind).fetchone() or (1,))[0] == 0, 30)
    assert_sound(town)


def _finds(town: LiveTown, words: str, product_id: str) -> bool:
    """Whether search shows it by now; a town that has only just begun, or is busy, may ask for patience first."""
    answer = town.person().get(f"/search/products?q={words}")
    return answer.status_code != 503 and product_id in [one["id"] for one in done(answer)["items"]]
