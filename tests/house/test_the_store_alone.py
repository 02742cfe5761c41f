"""The store runs without the community: a copy of the tree without it builds its tables, starts, sells, and passes its
own tests. `--long` runs all of tests/store there, else a handful that goes from the shop to the settled order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT, sources

GONE = ("app/community", "app/growth", "app/discover")
"""The floors that a store does without."""
KEPT_TESTS = ("tests/__init__.py", "tests/conftest.py", "tests/make", "tests/plays", "tests/servers", "tests/store")
HANDFUL = (
    "tests/store/test_orders.py",
    "tests/store/test_aftersales.py::test_ship_one_return_one_cancel_the_rest",
    "tests/store/test_storefronts.py::test_it_sells_as_any_shop",
    "tests/store/test_settlement.py::test_money_is_held_until_receipt_and_the_time_for_aftersales_are_over",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy: without these floors, and without what imports them, be it of operate or of the tests."""
    folder = tmp_path_factory.mktemp("store")
    for name in _files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    return folder


def _files() -> list[str]:
    """What the copy is made of, by their names from the root of the tree."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    dependent = _dependent()
    return [
        name
        for name in listed.stdout.decode().splitlines()
        if (ROOT / name).is_file()
        and not name.startswith((*GONE, *dependent))
        and (not name.startswith("tests/") or name.startswith(KEPT_TESTS) or name.count("/") == 1)
    ]


def _dependent() -> tuple[str, ...]:
    """Rooms, and factories of the tests, that cannot be without these floors, or without each other."""
    gone = {one.replace("/", ".") for one in GONE}
    own = {one for one in sources("app/operate", "tests/make") if one.file != "__init__.py"}
    found: set[str] = set()
    while more := {one for one in own if any(name.startswith(tuple(gone)) for name, _ in one.imports())}:
        own -= more
        gone |= {one.room or one.module for one in more}
        found |= {f"{one.room.replace('.', '/')}/" if one.room else one.name for one in more}
    return tuple(sorted(found))


def _run(folder: Path, *command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"  # to list routes asks no database; tests start theirs
    environment |= {"PYTHONPATH": str(folder), "FLASK_APP": "wsgi", "DATABASE_URL": nowhere}
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, check=False
    )
    told = ran.stdout.decode() + ran.stderr.decode()
    assert ran.returncode == 0, told[-8000:]
    return told


def test_nothing_of_the_floors_below_imports_the_community() -> None:
    below = sources("app/core", "app/people", "app/store", "app/plays", "app/buying")
    gone = tuple(one.replace("/", ".") for one in GONE)
    wrong = [f"{one.name}: {name}" for one in below for name, _ in one.imports() if name.startswith(gone)]
    assert wrong == []


def test_its_own_tests_need_no_community() -> None:
    """So that this is said at once, and not only when all of them are run in the copy."""
    gone = tuple(one.rstrip("/").replace("/", ".") for one in (*GONE, *_dependent()))
    wrong = [
        f"{one.name}: {name}"
        for one in sources("tests/store", "tests/plays")
        for name, _ in one.imports()
        if name.startswith(gone)
    ]
    assert wrong == []


def test_its_doors_are_there_and_no_other_is(store: Path) -> None:
    routes = _run(store, "flask", "routes")
    for door in ("/api/v1/cart/lines", "/api/v1/checkouts/<uuid:checkout_id>/purchase", "/api/v1/shops"):
        assert re.search(rf"\s{re.escape(door)}\s", routes), door
    assert "/api/v1/posts" not in routes and "/api/v1/feed" not in routes


@pytest.mark.timeout(3600)
def test_it_passes_its_own_tests(store: Path, pytestconfig: pytest.Config) -> None:
    wanted = ("tests/store", "tests/plays") if pytestconfig.getoption("--long") else HANDFUL
    told = _run(store, "pytest", *wanted, "-n", "0", "-q")
    assert re.search(r"\d+ passed|\[100%\]", told), told[-2000:]
    assert "failed" not in told.lower()
