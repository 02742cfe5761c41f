"""Commands of the house itself: `flask worker`; rooms add theirs (`flask catalogue ...`) in their cli.py."""

import click
from flask import Flask
from flask.cli import ScriptInfo

from app.core import clock, counters, eventlog, idempotency
from app.core.db import db
from app.core.observability import LISTENER_LAG, OLDEST_WRITER, Unwell, health_part
from app.core.server.cli import up_command
from app.core.worker import Worker, drain, every, sweep_once

CLOCK_OFF_SECONDS = 60
"""So far a machine's clock may be from the database's; providers' callbacks are refused from some minutes on."""


@click.command("worker")
@click.option("--once", is_flag=True, help="Tell all facts and sweep what is due now, then end.")
def worker(once: bool) -> None:
    """Tell listeners their facts and sweep what is due, until SIGTERM."""
    if once:
        click.echo(f"told {drain()}, swept {sweep_once()}")
        return
    Worker(click.get_current_context().ensure_object(ScriptInfo).load_app()).run()


@every(seconds=0.5)
def fold_counts() -> int:
    return counters.fold()


@every(seconds=600)
def forget_old_answers() -> int:
    return idempotency.forget_old()


@every(seconds=5)
def measure_log() -> int:
    """How far the listeners are behind, and who holds them up, as metrics."""
    OLDEST_WRITER.set(eventlog.oldest_writer())
    for listener, seconds in eventlog.lags():
        LISTENER_LAG.labels(listener).set(seconds)
    return 0


@health_part("database", vital=True)
def _database_is_well() -> str:
    db.session.execute(db.text("SELECT 1"))
    return "ok"


@health_part("clock", vital=False)
def _clock_is_right() -> str:
    """A machine whose clock is far from the database's takes providers' callbacks for old ones, or its own signatures
    are refused; payments are found by asking then, later."""
    theirs = db.session.execute(db.text("SELECT clock_timestamp() + :ahead"), {"ahead": clock.ahead()}).scalar_one()
    off = abs((clock.now() - theirs).total_seconds())
    if off > CLOCK_OFF_SECONDS:
        zh = f"与数据库相差 {off:.0f} 秒，支付回调可能被拒"
        raise Unwell(f"{zh} / {off:.0f} s off the database's: callbacks of payment providers may be refused")
    return "ok"


def init_app(app: Flask) -> None:
    app.cli.add_command(worker)
    app.cli.add_command(up_command)
