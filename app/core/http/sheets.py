"""A sheet (CSV) as an answer, written while it is read: neither the rows nor a connection are held meanwhile."""

from collections.abc import Iterator, Sequence

from flask import Flask, Response
from flask.globals import app_ctx

from app.core import sheets
from app.core.db import begin_reading

Rows = Sequence[Sequence[object]]


def sheet(name: str, columns: Sequence[str], pages: Iterator[Rows]) -> Response:
    """The file `name`, with a line of `columns` above. Each page is asked for once the one before is on its way, in a
    unit of work of its own: what it reads is given back before its bytes are sent, however slow the reader is."""
    response = Response(_bytes(app_ctx.app, columns, pages), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _bytes(app: Flask, columns: Sequence[str], pages: Iterator[Rows]) -> Iterator[bytes]:
    yield (sheets.MARK + sheets.lines([columns])).encode()
    while (rows := _next(app, pages)) is not None:
        yield sheets.lines(rows).encode()


def _next(app: Flask, pages: Iterator[Rows]) -> Rows | None:
    with app.app_context():
        begin_reading()
        return next(pages, None)
