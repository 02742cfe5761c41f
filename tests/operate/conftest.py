"""Fixtures of this floor."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import statements as counting


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """All that the app sends to the database but who is asking, which is cached. A test clears it before it counts."""
    with counting.statements(but="accounts_sessions") as seen:
        yield seen
