"""A sheet (CSV) as an answer, written while it is read: neither the rows nor a connection are held meanwhile. A thread
is, for as long as the reader takes, so only a few are written at once."""

import threading
from collections.abc import Iterator, Sequence
from weakref import WeakSet

from flask import Flask, Response
from flask.globals import app_ctx

from app.core import sheets
from app.core.db import begin_reading
from app.core.errors import Refused

MOST_AT_ONCE = 2
"""In one process, whose other threads serve everybody else."""
BUSY_SECONDS = 10
Rows = Sequence[Sequence[object]]


class _Turn:
    """Lives in the frame of a sheet that is being written, and ends with it, however that ends."""


_turns: WeakSet[_Turn] = WeakSet()
_taking = threading.Lock()


def sheet(name: str, columns: Sequence[str], pages: Iterator[Rows]) -> Response:
    """The file `name`, with a line of `columns` above. Each page is asked for once the one before is on its way, in a
    unit of work of its own: what it reads is given back before its bytes are sent, however slow the reader is. Raises
    Refused 503 while MOST_AT_ONCE others are written."""
    response = Response(_bytes(app_ctx.app, columns, pages, _turn()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _turn() -> _Turn:
    with _taking:
        if len(_turns) >= MOST_AT_ONCE:
            zh, en = "正在导出的人较多，请稍后再试", "Others are downloading sheets: try again in a moment."
            raise Refused(503, "busy", zh, en, retry_after=BUSY_SECONDS)
        made = _Turn()
        _turns.add(made)
        return made


def _bytes(app: Flask, columns: Sequence[str], pages: Iterator[Rows], _turn: _Turn) -> Iterator[bytes]:
    yield (sheets.MARK + sheets.lines([columns])).encode()
    while (rows := _next(app, pages)) is not None:
        yield sheets.lines(rows).encode()


def _next(app: Flask, pages: Iterator[Rows]) -> Rows | None:
    with app.app_context():
        begin_reading()
        return next(pages, None)
