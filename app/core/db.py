"""The database: models, the session, and transactions. PostgreSQL only.

A GET works on autocommit connections (no BEGIN, no COMMIT; core/plain has the hottest of them); everything that
writes goes through `in_transaction`, which only doors, the worker and commands call.
"""

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, Connection, CursorResult, DateTime, Engine, Executable, MetaData, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, registry

from app.core.config import BadSettings, settings
from app.core.errors import is_outdated_plan, is_repeatable
from app.core.failpoints import reach

T = TypeVar("T")
TRIES = 3
READS, PREPARED = "reads", "prepared"
MOST_PREPARED = 300
"""Statements of one connection for reading, beside those of core/wire."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name from the first migration on; core/errors maps names to refusals."""


COLUMN_TYPES: dict[Any, Any] = {
    int: BigInteger,
    str: Text,
    datetime: DateTime(timezone=True),
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
}


class Base(DeclarativeBase):
    # A registry of our own: Flask-SQLAlchemy makes its base from this class's body, and a body may not hold both.
    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map=COLUMN_TYPES)


class RoomSession(FlaskSession):
    """The session of one request or one unit of work; one that only reads is on an autocommit connection."""

    def get_bind(self, *args: Any, **named: Any) -> Engine | Connection:
        bind = super().get_bind(*args, **named)
        if only_reads() and isinstance(bind, Engine):
            return reads()
        return bind


db = SQLAlchemy(model_class=Base, session_options={"class_": RoomSession}, disable_autonaming=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def reads() -> Engine:
    """The engine for reading: its connections are in autocommit all their life, so none is switched to and fro."""
    return db.engines[READS]


def prepared_reads() -> Engine:
    """As `reads`, for the statements of core/plain: there each keeps one plan, whatever its values.

    Left to itself PostgreSQL plans a large statement anew at each use, for 0.5 to 2 ms, as long as that looks cheaper
    than the one plan: for whoever follows fewer people than most. Other reads may need a plan for their values.
    """
    return db.engines[PREPARED]


def dispose() -> None:
    """Let all connections of this process go."""
    for engine in db.engines.values():
        engine.dispose()


def engine_options() -> dict[str, Any]:
    """A small pool: a connection a thread, and one more; waits at most 1 s for one, 2 s for the server.

    There are three of them, two for reading and one for transactions; a thread holds one connection of each at most.
    """
    limits = "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=10000 -c lock_timeout=4000"
    return {
        "pool_size": settings.web_threads,
        "max_overflow": 1,
        "pool_timeout": 1.0,
        "pool_recycle": 1800,
        "skip_autocommit_rollback": True,
        "hide_parameters": True,  # an error that is logged never quotes what people sent
        "connect_args": {"connect_timeout": 2, "options": limits, "application_name": "shop"},
    }


def _writing() -> dict[str, Any]:
    """Where transactions are rolled back the driver prepares nothing of the session's: with each rollback it would have
    the server forget everything that is prepared, that of core/wire too."""
    options = engine_options()
    return options | {"connect_args": options["connect_args"] | {"prepare_threshold": None}}


def init_app(app: Flask) -> None:
    if not settings.database_url:
        raise BadSettings("DATABASE_URL is not set: read DIR/environment of a running bin/up, or see docs/deploy.md")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _writing()
    # A bind has none of the options above unless they are said again.
    autocommit = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    reading = {"url": settings.database_url, **engine_options(), **autocommit}
    connect = reading["connect_args"]
    one_plan = connect | {"options": f"{connect['options']} -c plan_cache_mode=force_generic_plan"}
    app.config["SQLALCHEMY_BINDS"] = {READS: reading, PREPARED: reading | {"connect_args": one_plan}}
    db.init_app(app)


def begin_reading() -> None:
    """From here on this unit of work only reads (or writes single statements that stand for themselves).

    Kept beside the session, not on it: most reads are statements of core/plain and never need one, and to make and
    close a session takes as long as one of those.
    """
    g.reads = True


def only_reads() -> bool:
    return "reads" in g


def in_session() -> bool:
    """Whether this unit of work has a transaction open, or holds a connection."""
    return db.session.registry.has() and db.session().in_transaction()


def end_work() -> None:
    """Forget this unit of work, where no request ends it."""
    g.pop("reads", None)
    db.session.remove()


def in_transaction(work: Callable[[], T], tries: int = TRIES, name: str = "work") -> T:
    """Run `work` in one transaction and commit; roll back and raise if it raises.

    `name` names the failpoints `<name>.before_commit` and `<name>.after_commit` (core/failpoints).

    A serialization failure or a deadlock runs `work` again, up to `tries` times, so `work` has no effect but on the
    database.
    """
    g.pop("reads", None)
    for attempt in range(1, tries + 1):
        try:
            result = work()
            reach(f"{name}.before_commit")
            db.session.commit()
            reach(f"{name}.after_commit")
            return result
        except DBAPIError as error:
            db.session.rollback()
            if attempt == tries or not is_repeatable(error):
                raise
            time.sleep(random.uniform(0.005, 0.05) * attempt)
        except BaseException:
            db.session.rollback()
            raise
    raise AssertionError("unreachable")


def in_one_transaction(first: Callable[[], Any], second: Callable[[Any], T], name: str) -> T | Exception:
    """Two steps of which the second could have a transaction of its own: what it answers to what the first did. An
    exception where it failed, and so neither is done. Raises what the first raises."""
    is_second = False

    def work() -> T:
        nonlocal is_second
        is_second = False
        done = first()
        is_second = True
        return second(done)

    try:
        return in_transaction(work, name=name)
    except Exception as error:
        if not is_second:
            raise
        return error


def changed(statement: Executable, values: Mapping[str, Any] | None = None) -> int:
    """Execute an INSERT, UPDATE or DELETE and answer how many rows it touched: the heart of a compare-and-set."""
    # Without the option an INSERT answers -1, which is true: ON CONFLICT DO NOTHING would always look done.
    counted = {"preserve_rowcount": True}
    return cast("CursorResult[Any]", db.session.execute(statement, values, execution_options=counted)).rowcount


def after_commit(work: Callable[[], None]) -> None:
    """Run `work` once this transaction is committed; forgotten if it rolls back. Only for hints such as caches."""
    db.session.info.setdefault("after_commit", []).append(work)


@event.listens_for(Engine, "connect")
def _prepares_many(driver: Any, _: object) -> None:
    """The driver forgets what it has prepared above 100 statements."""
    driver.prepared_max = MOST_PREPARED


@event.listens_for(Engine, "handle_error")
def _let_outdated_go(context: ExceptionContext) -> None:
    """After a migration the plans that a connection has prepared may not fit any more, for ever: it is let go."""
    if is_outdated_plan(context.original_exception):
        context.is_disconnect = True


@event.listens_for(RoomSession, "after_commit")
def _run_after_commit(session: RoomSession) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is released: others do not see its rows yet
    for work in session.info.pop("after_commit", []):
        work()


@event.listens_for(RoomSession, "after_rollback")
def _forget_after_commit(session: RoomSession) -> None:
    if not session.in_nested_transaction():
        session.info.pop("after_commit", None)


def rows_of(ids: list[UUID], found: dict[UUID, T]) -> list[T]:
    """`found` in the order of `ids`, without those that are gone."""
    return [found[one] for one in ids if one in found]
