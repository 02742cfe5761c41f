"""`flask payments reconcile FILE`: a provider's statement against our own books."""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, cast

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.core import clock
from app.core.db import in_transaction
from app.store.statements import queries
from app.store.statements.queries import BATCH, BadStatement, Difference, Seen

commands = AppGroup("payments", help="Payments.")


@commands.command("reconcile")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--gateway", help="Whose statement it is; needed for the plain form only.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Of which day of China it is; else all that it names.")
@click.option(
    "--edge",
    type=click.IntRange(0, 720),
    default=0,
    show_default=True,
    help="Minutes at both ends in which what it lacks is not told.",
)
def reconcile(file: Path, gateway: str | None, day: datetime | None, edge: int) -> None:
    """Print what is different between the statement in FILE and our books, one line each, and nothing else.

    missing_here: it has what we do not; missing_there: we have what it does not; amount: another amount; twice: it has
    the same again. Ends with 1 if there is any difference, with 2 for a file that cannot be read. Forms: Alipay's
    业务明细, WeChat Pay's trade bill, and our own (docs/deploy.md), each as .csv or .csv.gz.
    """
    run = Run(file, gateway, day.date() if day else None, timedelta(minutes=edge))
    try:
        run.compare()
    except (BadStatement, OSError, EOFError, UnicodeDecodeError) as problem:
        click.echo(f"{file.name}: {problem}", err=True)
        sys.exit(2)
    click.echo(f"{run.rows} rows, {run.found} differences", err=True)
    sys.exit(1 if run.found else 0)


class Run:
    """One run over one file, and what came of it."""

    def __init__(self, file: Path, gateway: str | None, day: date | None, edge: timedelta) -> None:
        self.rows = self.found = 0
        self._file, self._gateway, self._edge = file, gateway, edge
        self._days = [day] if day else []
        self._is_day_given = day is not None
        self._seen = Seen()

    def compare(self) -> None:
        """Raises BadStatement."""
        with _lines(self._file) as lines:
            kind, rows = queries.read(lines)
            gateway = kind.gateway or self._gateway
            if not gateway:
                raise BadStatement("whose statement is it? --gateway NAME")
            while batch := list(islice(rows, BATCH)):
                self.rows += len(batch)
                self._note_days([row.at for row in batch])
                self._tell(in_transaction(partial(queries.differences, gateway, batch, self._seen)))
        if self._days:
            since, until = clock.day_began(self._days[0]), clock.day_began(self._days[-1] + timedelta(days=1))
            lacks = queries.missing_there(gateway, since + self._edge, until - self._edge, self._seen)
            while some := in_transaction(lambda: list(islice(lacks, BATCH))):
                self._tell(some)

    def _note_days(self, times: list[datetime]) -> None:
        if not self._is_day_given:
            days = [one.astimezone(clock.CHINA).date() for one in (min(times), max(times))]
            self._days = [min([*self._days, *days]), max([*self._days, *days])]

    def _tell(self, differences: list[Difference]) -> None:
        for one in differences:
            click.echo(str(one))
        self.found += len(differences)


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[str]]:
    """The lines of a file, with its progress on standard error. UTF-8, or GB 18030 as Alipay's."""
    total = file.stat().st_size
    with file.open("rb") as raw, tqdm(total=total, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

        def counted(text: IO[str]) -> Iterator[str]:
            for line in text:
                bar.update(raw.tell() - bar.n)
                yield line

        plain = cast("io.BufferedReader", gzip.GzipFile(fileobj=raw)) if file.suffix.lower() == ".gz" else raw
        with io.TextIOWrapper(plain, encoding=_encoding(plain), newline="") as text:
            yield counted(text)


def _encoding(stream: io.BufferedReader) -> str:
    """By its beginning, which is not taken from it."""
    try:
        stream.peek(1 << 12)[: 1 << 12].rpartition(b"\n")[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
