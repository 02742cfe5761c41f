"""Fixtures for what people say."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from tests.statements import statements

Asked = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def asked(app: Flask) -> Asked:
    """`with asked() as statements:` collects the SQL that is sent inside the block."""
    return statements
