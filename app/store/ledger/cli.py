"""`flask ledger ...`: whether the books add up."""

import sys

import click
import orjson
from flask.cli import AppGroup

from app.core.db import in_transaction
from app.store.ledger import actions, queries

SHOWN = 1000
"""Problems that are kept with the result of a run; all are printed."""
commands = AppGroup("ledger", help="The books.")


@commands.command("prove")
def prove() -> None:
    """Prove that every journal and the whole sum to 0, and that each stored balance follows from its entries.

    Prints a line for each problem, and as the last line JSON: {"accounts", "journals", "entries", "problems"} as
    numbers. Ends with 1 if there is any problem.
    """
    kept: list[str] = []
    found = 0

    def look() -> dict[str, int]:
        nonlocal found
        for line in queries.problems():
            click.echo(line)
            found += 1
            if len(kept) < SHOWN:
                kept.append(line)
        return queries.counts()

    looked_at = in_transaction(look, tries=1)
    in_transaction(lambda: actions.note_proof(looked_at, kept))
    click.echo(orjson.dumps({**looked_at, "problems": found}).decode())
    sys.exit(1 if found else 0)
