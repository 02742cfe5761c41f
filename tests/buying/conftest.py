"""Fixtures of the floor buying: what is asked of the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from tests.statements import statements


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as found:` gathers the statements sent meanwhile."""
    return statements
