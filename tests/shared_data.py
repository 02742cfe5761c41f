"""Real data that lie in ../shared/data, beside the repository, and are never copied into it."""

import json
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_file(name: str) -> Path:
    """Where it is; without it the test is skipped, or the whole file of tests that asks while it is read."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"NOT TESTED: ../shared/data/{name} is not beside the repository", allow_module_level=True)
    return path


@cache
def naughty_strings() -> tuple[str, ...]:
    """The 515 strings of the Big List of Naughty Strings."""
    return tuple(json.loads(shared_file("robustness/blns.json").read_text("utf-8")))
