"""`python -m bench`: one run, its tables on the screen and all of it as JSON."""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import orjson

from app.core.server.children import ServerError
from app.core.server.up import ROOT
from bench.elastic import RunningElastic, elastic
from bench.figures import BenchError
from bench.load import loader
from bench.measure import NAMES, Results, measure
from bench.reads import Plan
from bench.report import as_json, tables
from bench.town import Town, own_town

QUICK = Plan(rounds=1, seconds=1.0, each=25, rates=(10.0,), publishing=3.0)
NO_WRK = "wrk is missing: a slower client of our own asks. Debian: apt-get install wrk; macOS: brew install wrk"
_BEGAN = time.monotonic()


@click.command()
@click.option("--connections", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option("--rounds", type=click.IntRange(1, 100), help="[default: 6]")
@click.option("--seconds", type=click.FloatRange(0.1, 600), help="Of each round, for each who answers.  [default: 1]")
@click.option("--quick", is_flag=True, help="One round of a second: for a first look.")
@click.option("--scale", type=click.IntRange(1, 100), default=1, show_default=True, help="Size of the demo town.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Only this; may be said several times.")
@click.option("--load", type=click.Choice(["wrk", "python"]), help="Who asks.  [default: wrk if it is on PATH]")
@click.option(
    "--elasticsearch/--no-elasticsearch",
    default=None,
    help="Start one, or do without.  [default: the one at ELASTICSEARCH_URL, else start one; none with --quick]",
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the town here for further runs.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The JSON.  [default: bench/results/...]")
def bench(
    connections: int,
    rounds: int | None,
    seconds: float | None,
    quick: bool,
    scale: int,
    only: tuple[str, ...],
    load: str | None,
    elasticsearch: bool | None,
    data: Path | None,
    out: Path | None,
) -> None:
    """Measure a town of its own beside its ceilings; some 6 minutes. Ctrl-C ends it, and leaves nothing behind."""
    base = QUICK if quick else Plan()
    plan = replace(base, connections=connections, only=only, rounds=rounds or base.rounds)
    plan = replace(plan, seconds=seconds or base.seconds)
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _end)
    try:
        start = not quick if elasticsearch is None else elasticsearch
        search = partial(elastic, elasticsearch is not False, start, _say)
        _run(plan, search, partial(own_town, data, scale), load, out or _default_file())
    except (BenchError, ServerError) as error:
        raise click.ClickException(str(error)) from error


def _run(
    plan: Plan,
    elasticsearch: Callable[[], AbstractContextManager[RunningElastic]],
    filled: Callable[[RunningElastic, Callable[[str], None]], AbstractContextManager[Town]],
    wanted: str | None,
    out: Path,
) -> None:
    load = loader(plan.connections, wanted)
    if load.name != "wrk" and wanted is None:
        _warn(NO_WRK)
    results, missing, error = Results(), "", ""
    with elasticsearch() as search:
        if search.missing:
            missing = f"NO ELASTICSEARCH ({search.missing}): search is measured on PostgreSQL."
            _warn(missing)
        with filled(search, _say) as town:
            try:
                measure(town, search, load, plan, results, _say)
            except BenchError as found:
                error = str(found)
    click.echo(f"\n{tables(results, plan, load.name)}\n")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(orjson.dumps(as_json(results, plan, load.name, error), option=orjson.OPT_INDENT_2) + b"\n")
    _say(f"All rounds are in {out}")
    _warn(missing)
    if error:
        raise BenchError(error)


def _default_file() -> Path:
    return ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"


def _say(text: str) -> None:
    """With the seconds since the start."""
    click.echo(f"{time.monotonic() - _BEGAN:5.0f} s  {text}", err=True)


def _warn(text: str) -> None:
    if text:
        click.secho(text, fg="yellow", bold=True, err=True)


def _end(number: int, frame: object) -> None:
    """By the way of an exception, so that every server is ended in order; a second signal does not disturb that."""
    for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    _say(f"Ended by {signal.Signals(number).name}")
    sys.exit(128 + number)


if __name__ == "__main__":
    bench(prog_name="python -m bench")
