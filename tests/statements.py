"""What this process asks of the database, for tests that count it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.core import plain
from app.core.db import db


@contextmanager
def statements(but: str | None = None) -> Iterator[list[str]]:
    """All statements sent inside the block, on either engine, through SQLAlchemy or past it; none that names `but`."""
    seen: list[str] = []
    engines = list(db.engines.values())

    def note(statement: str) -> None:
        if but is None or but not in statement:
            seen.append(statement)

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        note(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    plain.heard.append(note)
    try:
        yield seen
    finally:
        plain.heard.remove(note)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)
