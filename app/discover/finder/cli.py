"""`flask search rebuild` fills the engines anew; `flask search check` compares them with the truth."""

import click
from flask.cli import AppGroup

from app.core.db import begin_reading
from app.discover.finder import actions, queries
from app.discover.finder.kinds import KINDS
from search.engine import EngineUnavailable

commands = AppGroup("search", help="The search engines.")
_ENGINE = click.option("--engine", type=click.Choice(sorted(actions.LISTENERS)), help="Only this one.")


@commands.command("rebuild")
@click.argument("kinds", nargs=-1, type=click.Choice(sorted(KINDS)))
@_ENGINE
def rebuild(kinds: tuple[str, ...], engine: str | None) -> None:
    """Fill the engines anew from the database, all KINDS or only these. Search goes on meanwhile."""
    for one in queries.engines().engines:
        if engine in {None, one.name}:
            try:
                one.prepare()
                given = actions.rebuild(one, kinds or tuple(KINDS))
            except EngineUnavailable as error:
                raise click.ClickException(str(error)) from error
            click.echo(f"{one.name}: " + ", ".join(f"{count} x {kind}" for kind, count in given.items()))


@commands.command("check")
@_ENGINE
def check(engine: str | None) -> None:
    """Count what each engine holds beside what it should. Exit 1 if one is away, outdated or differs."""
    begin_reading()
    bad = False
    for one in queries.engines().engines:
        if engine in {None, one.name}:
            problems = actions.problems_of(one)
            bad = bad or bool(problems)
            click.echo(f"{one.name}: " + ("; ".join(problems) or "ok"))
    if bad:
        raise SystemExit(1)
