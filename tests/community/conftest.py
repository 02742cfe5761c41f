"""Fixtures for what people say."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.core.db import db

Asked = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def asked(app: Flask) -> Asked:
    """`with asked() as statements:` collects the SQL that is sent inside the block."""

    @contextmanager
    def collecting() -> Iterator[list[str]]:
        statements: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            yield statements
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)

    return collecting
