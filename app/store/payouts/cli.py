"""`flask settlement ...`: is it right, files of payouts for the bank, and the bank's answers."""

import csv
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import click
from flask.cli import AppGroup

from app.core import events_era
from app.core.db import in_transaction
from app.core.errors import Refused
from app.core.money import from_yuan, yuan
from app.store.bills.queries import problems
from app.store.payouts import actions, queries
from app.store.payouts.channels.base import PAID, REFUSED, ChannelAnswer
from app.store.payouts.models import DONE, FAILED

commands = AppGroup("settlement", help="Settlement: bills and payouts.")
COLUMNS = ("payout", "name", "bank", "account", "amount")
LEAST_COLUMNS = {"payout", "amount", "result"}


@commands.command("check")
def check() -> None:
    """Reckon bills anew from their entries and from the ledger, and print each difference, one a line.

    Ends with 1 if there is any.
    """

    def look() -> int:
        count = 0
        for line in problems():
            click.echo(line)
            count += 1
        return count

    found = in_transaction(look, tries=1)
    click.echo(f"{found} differences", err=True)
    sys.exit(1 if found else 0)


@commands.command("payouts")
@click.argument("batch", type=click.UUID)
@click.option("--out", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def write_payouts(batch: UUID, file: Path) -> None:
    """Write the payouts of an approved BATCH as a CSV for the bank: payout, name, bank, account, amount in yuan.

    Again it writes the same lines, with the same numbers, so that the bank knows what it has paid.
    """
    try:
        in_transaction(partial(actions.send_file, batch))
        count = in_transaction(partial(_write, file, batch))
    except Refused as refused:
        click.echo(f"{refused.zh} / {refused.en} ({refused.code})", err=True)
        sys.exit(1)
    except FileExistsError:
        click.echo(f"{file} exists already", err=True)
        sys.exit(1)
    click.echo(f"{count} payouts", err=True)


@commands.command("paid")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read_answers(file: Path) -> None:
    """Take in the bank's answers: a CSV with payout, amount (yuan), result ("paid" or "failed") and perhaps reason.

    Prints exactly what differs from our books, one line each: unknown, amount, result, twice, missing. Ends with 1 if
    anything does, with 2 for a file that cannot be read. Read again, it changes nothing.
    """
    events_era.ensure()
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if not set(rows.fieldnames or ()) >= LEAST_COLUMNS:
                raise ValueError("payout, amount and result are needed")
            answers = Answers()
            for row in rows:
                answers.take(row)
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as problem:
        click.echo(f"{file.name}: {problem}", err=True)
        sys.exit(2)
    answers.tell_missing()
    click.echo(f"{answers.ended} ended, {answers.found} differences", err=True)
    sys.exit(1 if answers.found else 0)


class Said(NamedTuple):
    """A line of the bank's."""

    id: UUID
    amount: int
    result: str
    reason: str


class Answers:
    """One reading of a file of answers, and what came of it."""

    def __init__(self) -> None:
        self.ended = self.found = 0
        self._seen: Counter[UUID] = Counter()

    def take(self, row: dict[str, str]) -> None:
        """Take in one line. Raises ValueError for one that cannot be read."""
        said = _said(row)
        self._seen[said.id] += 1
        if self._seen[said.id] > 1:
            self._differs("twice", said.id, yuan(said.amount))
            return
        answer = ChannelAnswer(PAID if said.result == "paid" else REFUSED, said.reason)
        ended, difference = in_transaction(partial(_take, said, answer))
        self.ended += ended
        if difference:
            self._differs(*difference)

    def tell_missing(self) -> None:
        """What the same batches have sent, and the file says nothing of."""
        batches = in_transaction(lambda: queries.batches_of(list(self._seen)))
        for payout_id, amount in in_transaction(lambda: queries.unanswered(batches)):
            if payout_id not in self._seen:
                self._differs("missing", payout_id, yuan(amount))

    def _differs(self, what: str, payout_id: UUID, detail: str) -> None:
        click.echo(f"{what} {payout_id} {detail}")
        self.found += 1


def _take(said: Said, answer: ChannelAnswer) -> tuple[bool, tuple[str, UUID, str] | None]:
    """Whether the payout has ended by this line, and what of it differs from ours."""
    ours = queries.payout(said.id)
    if ours is None:
        return False, ("unknown", said.id, yuan(said.amount))
    if ours.amount != said.amount:
        return False, ("amount", said.id, f"{yuan(ours.amount)} / {yuan(said.amount)}")
    if actions.take_answer(said.id, answer):
        return True, None
    is_same = ours.state == (DONE if answer.what == PAID else FAILED)
    return False, None if is_same else ("result", said.id, f"{ours.state} / {said.result}")


def _said(row: dict[str, str]) -> Said:
    result = (row["result"] or "").strip()
    if result not in {"paid", "failed"}:
        raise ValueError(f"result must be paid or failed, not {result!r}")
    return Said(UUID((row["payout"] or "").strip()), from_yuan(row["amount"] or ""), result, row.get("reason") or "")


def _write(file: Path, batch: UUID) -> int:
    count = 0
    with file.open("x", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        sheet.writerow(COLUMNS)
        for some in queries.file_lines(batch):
            for one, account in some:
                sheet.writerow((one.id, one.name, one.bank, account, yuan(one.amount)))
                count += 1
    return count
