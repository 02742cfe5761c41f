"""`flask up`, also `python -m app.core.server`, which does not build the application first."""

import os
from pathlib import Path

import click

from app.core.config import PRODUCTION, BadSettings
from app.core.server.children import ServerError
from app.core.server.up import ROOT, Plan, up


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 to be reached from other machines.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "var",
    help="Folder for all state.  [default: var]",
)
@click.option(
    "--seed",
    type=click.Choice(["none", "small"]),
    help="small: the demo town of scale 1 (`flask demo seed`), once per folder.  [default: small; none in production]",
)
def up_command(port: int, host: str, data: Path, seed: str | None) -> None:
    """Start everything: PostgreSQL, Redis, migrations, web, worker. Ctrl-C ends it."""
    chosen = seed or ("none" if os.environ.get("APP_ENV") == PRODUCTION else "small")
    try:
        up(Plan(host, port, data.absolute(), chosen, click.echo), os.environ)
    except (ServerError, BadSettings, OSError) as error:
        raise click.ClickException(str(error)) from error
