"""`python -m bench`: one run, its tables on the screen and all of it as JSON."""

import signal
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from app.core.server.children import ServerError
from app.core.server.up import ROOT
from bench.elastic import elastic
from bench.figures import BenchError
from bench.load import loader
from bench.measure import NAMES, Plan, measure
from bench.report import as_json, tables
from bench.town import own_town

QUICK = Plan(rounds=1, seconds=1.0, rates=(10.0,), publishing=3.0)
NO_WRK = "wrk is missing: a slower client of our own asks. Debian: apt-get install wrk; macOS: brew install wrk"


@click.command()
@click.option("--connections", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option("--rounds", type=click.IntRange(1, 100), help="[default: 3]")
@click.option("--seconds", type=click.FloatRange(0.1, 600), help="Of each round, for each who answers.  [default: 2]")
@click.option("--quick", is_flag=True, help="One round of a second: whether it works, not how fast.")
@click.option("--scale", type=click.IntRange(1, 100), default=1, show_default=True, help="Size of the demo town.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Only this; may be said several times.")
@click.option("--load", type=click.Choice(["wrk", "python"]), help="Who asks.  [default: wrk if it is on PATH]")
@click.option("--no-elasticsearch", is_flag=True, help="Search on PostgreSQL only.")
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
    no_elasticsearch: bool,
    data: Path | None,
    out: Path | None,
) -> None:
    """Measure a town of its own beside its ceilings; some 4 minutes. Ctrl-C ends it, and leaves nothing behind."""
    base = QUICK if quick else Plan()
    plan = replace(base, connections=connections, only=only, rounds=rounds or base.rounds)
    plan = replace(plan, seconds=seconds or base.seconds)
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _end)
    try:
        _run(plan, scale, load, not no_elasticsearch, data, out or _default_file())
    except (BenchError, ServerError) as error:
        raise click.ClickException(str(error)) from error


def _run(plan: Plan, scale: int, wanted: str | None, search: bool, data: Path | None, out: Path) -> None:
    chosen = loader(plan.connections, wanted)
    if chosen.name != "wrk" and wanted is None:
        _warn(NO_WRK)
    with ExitStack() as stack:
        found = stack.enter_context(elastic(search, _say))
        if found.missing:
            _warn(f"NO ELASTICSEARCH ({found.missing}): search is measured on PostgreSQL.")
        town = stack.enter_context(own_town(data, scale, found.url, _say))
        results = measure(town, found, chosen, plan, _say)
    click.echo(f"\n{tables(results, plan, chosen.name)}\n")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(orjson.dumps(as_json(results, plan, chosen.name), option=orjson.OPT_INDENT_2) + b"\n")
    _say(f"All rounds are in {out}")
    if found.missing:
        _warn(f"NO ELASTICSEARCH ({found.missing}): search was measured on PostgreSQL.")


def _default_file() -> Path:
    return ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"


def _say(text: str) -> None:
    click.echo(text, err=True)


def _warn(text: str) -> None:
    click.secho(text, fg="yellow", bold=True, err=True)


def _end(number: int, frame: object) -> None:
    """By the way of an exception, so that every server is ended in order; a second signal does not disturb that."""
    for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    bench(prog_name="python -m bench")
