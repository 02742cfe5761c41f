"""Hints run when the transaction is committed, not when one of its savepoints is released."""

from flask import Flask

from app.core.db import after_commit, db, in_transaction


def _touch() -> None:
    db.session.execute(db.text("SELECT 1"))


def test_a_hint_waits_for_the_whole_transaction_and_outlives_a_savepoint_that_fails(app: Flask) -> None:
    said: list[str] = []

    def fail() -> None:
        with db.session.begin_nested():
            _touch()
            raise ValueError

    def work() -> None:
        _touch()
        after_commit(lambda: said.append("outer"))
        with db.session.begin_nested():
            _touch()
            after_commit(lambda: said.append("inner"))
        said.append("savepoint released")
        try:
            fail()
        except ValueError:
            said.append("savepoint rolled back")

    in_transaction(work)
    assert said == ["savepoint released", "savepoint rolled back", "outer", "inner"]
