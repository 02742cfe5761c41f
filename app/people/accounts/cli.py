"""`flask accounts ...`: roles and suspensions, for who runs the server."""

from collections.abc import Callable
from uuid import UUID

import click
from flask.cli import AppGroup

from app.core import events_era
from app.core.db import in_transaction
from app.core.errors import Refused
from app.people.accounts import actions, queries
from app.people.accounts.models import ROLES

commands = AppGroup("accounts", help="People: roles and suspensions.")


@commands.command("grant")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
def grant(username: str, role: str) -> None:
    """Give USERNAME the role ROLE; it counts at the next request."""
    _change(username, lambda person_id: actions.grant_role(person_id, role))
    click.echo(f"{username}: + {role}")


@commands.command("revoke")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
def revoke(username: str, role: str) -> None:
    """Take the role ROLE from USERNAME."""
    _change(username, lambda person_id: actions.revoke_role(person_id, role))
    click.echo(f"{username}: - {role}")


@commands.command("suspend")
@click.argument("username")
@click.option("--reason", required=True, help="What the person is told.")
def suspend(username: str, reason: str) -> None:
    """Sign USERNAME out everywhere and keep him out."""
    _change(username, lambda person_id: actions.suspend_person(person_id, None, reason))
    click.echo(f"{username}: suspended")


@commands.command("reinstate")
@click.argument("username")
def reinstate(username: str) -> None:
    """Let USERNAME sign in again."""
    _change(username, actions.reinstate_person)
    click.echo(f"{username}: reinstated")


def _change(username: str, change: Callable[[UUID], None]) -> None:
    def work() -> None:
        person = queries.person_named(username)
        if person is None:
            raise click.ClickException(f"nobody is called {username}")
        change(person.id)

    events_era.ensure()
    try:
        in_transaction(work)
    except Refused as refused:
        raise click.ClickException(f"{refused.zh} / {refused.en}") from None
