"""What this process asks of the database, for tests that count it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import event

from app.core import plain
from app.core.db import db

T = TypeVar("T")


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


def planned(work: Callable[[], T], names: str) -> tuple[T, str]:
    """What `work` answers, and PostgreSQL's plan of the only statement of its transaction that names `names`."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if names in statement:
            sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        answer = work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    [(statement, parameters)] = sent
    return answer, "\n".join(db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
