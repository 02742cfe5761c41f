"""Each import rule is broken once on purpose, in a copy, to see that it fails."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

BREAKS = {
    "floors": ("app/store/shops/queries.py", "from app.community.posts import events"),
    "acyclic": ("app/store/ledger/queries.py", "from app.store.orders import events"),
    "doors": ("app/community/posts/queries.py", "from app.store.shops import api"),
    "search-alone": ("search/text.py", "from app.core import ids"),
    "engine": ("app/operate/moderation/queries.py", "from search import engine"),
    "no-flask": ("app/store/orders/actions.py", "from flask import request"),
    "order-in-room": ("app/store/orders/queries.py", "from app.store.orders import actions"),
}


def _lint(folder: Path) -> tuple[int, str]:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for name in ("app", "search"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_all_import_rules_are_kept() -> None:
    code, said = _lint(ROOT)
    assert code == 0, said


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_a_broken_import_rule_is_noticed(rule: str, copy: Path) -> None:
    names = dict(re.findall(r'id = "([\w-]+)"\nname = "([^"]+)"', (ROOT / "pyproject.toml").read_text()))
    file, line = BREAKS[rule]
    path = copy / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        code, said = _lint(copy)
    finally:
        path.write_text(before)
    assert code != 0
    broken = " ".join(said.split("Broken contracts")[-1].split())
    assert names[rule] in broken, said


def test_every_import_rule_has_been_broken_once() -> None:
    rules = set(re.findall(r'^id = "([\w-]+)"', (ROOT / "pyproject.toml").read_text(), re.M))
    assert rules == set(BREAKS)
