"""Fixtures of this floor."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from app.core.db import db


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """All that the app sends to the database but who is asking, which is cached. A test clears it before it counts."""
    seen: list[str] = []

    def hear(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "accounts_sessions" not in statement:
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield seen
    event.remove(db.engine, "before_cursor_execute", hear)
