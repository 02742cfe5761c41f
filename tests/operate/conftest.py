"""Fixtures of this floor."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import make
from tests import statements as counting
from tests.make.person import Made
from tests.pages import Browser, with_second_factor


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """All that the app sends to the database but who is asking, which is cached. A test clears it before it counts."""
    with counting.statements(but="accounts_sessions") as seen:
        yield seen


@pytest.fixture
def moderator(app: Flask) -> Made:
    return make.person(nickname="审核小王", roles=("moderator",))


@pytest.fixture
def desk(app: Flask, moderator: Made) -> Browser:
    """The moderator's browser, with a second factor."""
    return with_second_factor(app, moderator)[0]
