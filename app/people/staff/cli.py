"""`flask accounts ...`: roles, suspensions and lost phones, for who runs the server. In the audit log: by nobody."""

from collections.abc import Callable
from uuid import UUID

import click
from flask.cli import AppGroup

from app.core import events_era
from app.core.db import in_transaction
from app.core.errors import Refused
from app.people.accounts.models import ROLES
from app.people.accounts.queries import person_named
from app.people.staff import actions

commands = AppGroup("accounts", help="People: roles, suspensions, lost phones.")


@commands.command("grant")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
def grant(username: str, role: str) -> None:
    """Give USERNAME the role ROLE; it counts at the next request."""
    _change(username, lambda person_id: actions.grant(None, person_id, role))
    click.echo(f"{username}: + {role}")


@commands.command("revoke")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
def revoke(username: str, role: str) -> None:
    """Take the role ROLE from USERNAME."""
    _change(username, lambda person_id: actions.revoke(None, person_id, role))
    click.echo(f"{username}: - {role}")


@commands.command("suspend")
@click.argument("username")
@click.option("--reason", required=True, help="What the person is told.")
def suspend(username: str, reason: str) -> None:
    """Sign USERNAME out everywhere and keep him out."""
    _change(username, lambda person_id: actions.suspend(None, person_id, reason))
    click.echo(f"{username}: suspended")


@commands.command("reinstate")
@click.argument("username")
def reinstate(username: str) -> None:
    """Let USERNAME sign in again."""
    _change(username, lambda person_id: actions.reinstate(None, person_id))
    click.echo(f"{username}: reinstated")


@commands.command("take-away-second-factor")
@click.argument("username")
def take_away_second_factor(username: str) -> None:
    """USERNAME has lost his phone: his sessions end, and a password is enough until he sets up another."""
    _change(username, lambda person_id: actions.take_away_second_factor(None, person_id))
    click.echo(f"{username}: no second factor")


def _change(username: str, change: Callable[[UUID], None]) -> None:
    def work() -> None:
        person = person_named(username)
        if person is None:
            raise click.ClickException(f"nobody is called {username}")
        change(person.id)

    events_era.ensure()
    try:
        in_transaction(work)
    except Refused as refused:
        if refused.code == "done_already":  # a script may say it again
            return
        raise click.ClickException(f"{refused.zh} / {refused.en}") from None
