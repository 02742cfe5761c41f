"""How many rows a statement touched; an INSERT that did nothing says so."""

from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from app.core.db import changed, in_transaction
from app.core.eventlog import EraRow


def test_a_statement_says_how_many_rows_it_touched(app: Flask) -> None:
    row = insert(EraRow).values(era=900, cluster="x").on_conflict_do_nothing()

    def work() -> list[int]:
        change, gone = update(EraRow).where(EraRow.era == 900), delete(EraRow).where(EraRow.era == 900)
        return [changed(row), changed(row), changed(change.values(cluster="y")), changed(gone), changed(gone)]

    assert in_transaction(work) == [1, 0, 1, 1, 0]
