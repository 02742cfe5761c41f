"""Many at once: threads that all begin at the same moment, each in an app context of its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask
from sqlalchemy import QueuePool

from app.core.db import db
from app.core.errors import Refused


def together(app: Flask, *work: Callable[[], Any]) -> list[Any]:
    """Run all of `work` at once; answers what each returned, a Refused in place of the answer where it was refused."""
    found: list[Any] = [None] * len(work)
    barrier = threading.Barrier(len(work))

    def run(place: int, one: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                found[place] = one()
            except Refused as refused:
                found[place] = refused
            except BaseException as error:
                found[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    with patience(app):
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    failures = [one for one in found if isinstance(one, BaseException) and not isinstance(one, Refused)]
    if failures:
        raise BaseExceptionGroup("not refused, but failed", failures)
    return found


@contextmanager
def patience(app: Flask) -> Iterator[None]:
    """There are more of them than connections, which they wait for in a row: on a busy machine longer than the second
    after which a server says 503."""
    with app.app_context():
        pool = cast("QueuePool", db.engine.pool)
    before, pool._timeout = pool._timeout, 30.0
    try:
        yield
    finally:
        pool._timeout = before


def refusals(found: Sequence[Any]) -> list[str]:
    """The codes of those that were refused."""
    return [one.code for one in found if isinstance(one, Refused)]
