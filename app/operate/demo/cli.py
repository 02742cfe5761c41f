"""`flask demo seed`: the demo town, for an installation that is to be looked at."""

import signal
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.core import events_era
from app.core.config import settings
from app.core.db import in_transaction
from app.core.errors import Refused
from app.operate.demo import actions, queries
from app.operate.demo.kinds.people import DEMO

LARGEST_SCALE = 100
commands = AppGroup("demo", help="A demo town.")


@commands.command("seed")
@click.option("--only-accounts", is_flag=True, help="Make the five accounts and nothing else.")
@click.option(
    "--scale",
    type=click.IntRange(0, LARGEST_SCALE),
    default=1,
    show_default=True,
    help="1: 200 people, 3,000 goods, 2,000 posts; N: N times as many; 0: only the dozen people planted by hand.",
)
def seed(only_accounts: bool, scale: int) -> None:
    """Fill the town, once: people, shops, goods, posts, orders. What is there already stays as it is.

    The accounts of reader, kol, merchant, moderator and admin go into ACCOUNTS_FILE within seconds; without one they
    are printed.
    """
    if settings.is_production:
        raise click.ClickException("生产环境不放演示数据。 APP_ENV=production: no demo accounts here.")
    path = Path(settings.accounts_file) if settings.accounts_file else None
    events_era.ensure()
    try:
        with _sigterm_exits():
            done, lost = _fill(path, only_accounts, scale)
    except Refused as refused:
        raise click.ClickException(f"{refused.zh} / {refused.en}") from None
    except OSError as error:
        raise click.ClickException(str(error)) from error
    if done:
        click.echo(f"演示数据已就绪（{done} 步）。 The demo town is ready ({done} steps).")
    else:
        click.echo("演示数据早已就绪，未作改动。 The demo town was there already; nothing was changed.")
    if path and lost:
        raise click.ClickException(_about_lost(path, lost))


def _fill(path: Path | None, only_accounts: bool, scale: int) -> tuple[int, list[str]]:
    """Answers how many steps were done, and the demo accounts whose passwords nobody knows any more."""
    planted = in_transaction(queries.planted)
    further = actions.further_steps(scale, planted) if not only_accounts else []
    passwords = actions.keep_passwords(path, planted)
    if path is None:
        _print(passwords)
    wanted = actions.steps(passwords)
    done = _plant("accounts", [step for step in wanted if step.name in queries.ACCOUNT_STEPS], planted)
    if path:
        actions.tell_passwords(path)
    if not only_accounts:
        done += _plant("demo town", [step for step in wanted if step.name not in queries.ACCOUNT_STEPS], planted)
        done += _plant(f"crowd of scale {scale}", further, planted)
    return done, [key for key in DEMO if key not in passwords]


def _plant(what: str, wanted: Sequence[actions.Step], planted: Collection[str]) -> int:
    """Do those of these steps that were not done before; answers how many."""
    todo = [step for step in wanted if step.name not in planted]
    total, done = sum(step.weight for step in todo), 0
    with tqdm(total=total, desc=what, unit_scale=True, file=sys.stderr, mininterval=1, disable=not todo) as bar:
        for step in todo:
            done += in_transaction(partial(actions.plant, actions.prepared(step)))
            bar.update(step.weight)
    return done


@contextmanager
def _sigterm_exits() -> Iterator[None]:
    """SIGTERM ends the block in order, by SystemExit, which takes back the step it interrupts."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(passwords: Mapping[str, str]) -> None:
    for key, account in queries.accounts(passwords).items():
        click.echo(f"{key:10} {account['username']:16} {account['password']}")


def _about_lost(path: Path, lost: Sequence[str]) -> str:
    who = ", ".join(lost)
    return (
        f"{path} 中没有 {who} 的密码，密码只存于该文件：请恢复该文件，或换一个数据目录重新开始。 "
        f"The passwords of {who} are not in {path}, the only place that had them: "
        "put the file back, or start a new town in another --data folder."
    )
