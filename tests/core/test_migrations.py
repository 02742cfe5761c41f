"""Migrations lead from an empty database, and from the last revisions, to the tables of the models, and back."""

import os
import re
import subprocess
import sys

import pytest

from tests.services import ROOT, Services, postgres_of

REVISIONS = sorted(path.name.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("*.py"))


def flask(url: str, *arguments: str) -> str:
    env = {**os.environ, "DATABASE_URL": url, "FLASK_APP": "wsgi"}
    command = [sys.executable, "-m", "flask", "db", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def empty(services: Services, worker_id: str) -> str:
    postgres, name = postgres_of(services), f"migrated_{worker_id}"
    postgres.drop_database(name)
    return postgres.create_database(name)


@pytest.mark.parametrize("revision", ["base", *REVISIONS[-2:]])
def test_an_upgrade_ends_at_the_models(empty: str, revision: str) -> None:
    """Also one that stopped on the way. From earlier revisions it runs the same steps in the same order."""
    if revision != "base":
        flask(empty, "upgrade", revision)
    flask(empty, "upgrade")
    assert "No new upgrade operations detected" in flask(empty, "check")


def test_a_downgrade_leaves_nothing_behind(empty: str) -> None:
    flask(empty, "upgrade")
    flask(empty, "downgrade", "base")
    flask(empty, "upgrade")
    assert "No new upgrade operations detected" in flask(empty, "check")


def test_revisions_follow_each_other_in_one_line() -> None:
    texts = [next((ROOT / "migrations" / "versions").glob(f"{one}_*")).read_text() for one in REVISIONS]
    after = [re.search(r"^down_revision = (.*)$", text, re.M) for text in texts]
    assert [found[1].strip("'\"") for found in after if found] == ["None", *REVISIONS[:-1]]
