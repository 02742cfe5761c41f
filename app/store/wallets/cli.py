"""`flask wallets ...`: payouts of withdrawals by files for a bank."""

import csv
import sys
from functools import partial
from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.core import events_era, sheets
from app.core.db import in_transaction
from app.core.errors import Refused
from app.store.wallets import actions, queries

commands = AppGroup("wallets", help="Wallets: payouts.")


@commands.command("payout")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--again", type=click.UUID, help="Write the file of this earlier payout once more.")
def pay_out(file: Path, again: UUID | None) -> None:
    """Write a new FILE for the bank with all withdrawals that wait: withdrawal,holder,account,amount (yuan).

    Which they are is kept first: if the file is lost, --again PAYOUT writes the same one. What the bank then says comes
    back by `flask wallets settle`.
    """
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    events_era.ensure()
    payout = again or in_transaction(actions.open_payout)
    while not again and in_transaction(partial(actions.add_to_payout, payout)):
        continue
    try:
        click.echo(f"payout {payout}: {in_transaction(lambda: _write(file, payout))} withdrawals")
    except Refused as refused:
        raise click.ClickException(f"{refused.zh} / {refused.en}") from None


@commands.command("settle")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def settle(file: Path) -> None:
    """Take in what the bank says: a CSV with the columns withdrawal, result (`paid` or `returned`) and maybe why.

    May be run again. Refused lines are printed; ends with 1 if there is any.
    """
    events_era.ensure()
    done = refused = 0
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(tqdm(csv.DictReader(lines), file=sys.stderr, disable=None), 2):
            problem = _settle(row)
            done += problem is None
            refused += problem is not None
            if problem:
                click.echo(f"line {number}: {problem}")
    click.echo(f"settled {done}, refused {refused}", err=True)
    sys.exit(1 if refused else 0)


def _settle(row: dict[str, str]) -> str | None:
    """What was wrong with a line, None if nothing."""
    result = (row.get("result") or "").strip()
    if result not in {"paid", "returned"}:
        return f"result must be paid or returned, not {result!r}"
    try:
        withdrawal = UUID((row.get("withdrawal") or "").strip())
        why = (row.get("why") or "").strip() or "said by the bank"
        in_transaction(partial(actions.finish_withdrawal, withdrawal, result == "paid", why))
    except ValueError:
        return "withdrawal must be an id"
    except Refused as refused:
        return f"{refused.zh} / {refused.en} ({refused.code})"
    return None


def _write(file: Path, payout: UUID) -> int:
    count = 0
    with file.open("x", newline="", encoding="utf-8") as out:
        out.write(sheets.lines([queries.COLUMNS]))
        for rows in queries.payout_rows(payout):
            out.write(sheets.lines(rows))
            count += len(rows)
    return count
