"""How many statements something costs."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.core.db import db


@contextmanager
def queries_in() -> Iterator[list[str]]:
    """All statements that this process sends to the database inside the block."""
    seen: list[str] = []

    def hear(connection: object, cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
