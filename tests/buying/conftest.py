"""Fixtures of the floor buying: what is asked of the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.core.db import db


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as found:` gathers the statements sent meanwhile."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        found: list[str] = []

        def hear(*args: Any) -> None:
            found.append(args[2])

        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            yield found
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)

    return counting
