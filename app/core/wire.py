"""How a statement of core/plain goes to the server: by libpq's own calls, prepared at its second use on a connection.

The driver's cursor does the same by way of Python: 37 µs of processor for a row by its key, 17 this way. And the driver
forgets all that it has prepared with each rollback, that is with each refusal. Values and answers are translated by the
driver as ever.
"""

import re
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from psycopg import abc, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

MOST_PREPARED = 300
"""Statements that a connection keeps prepared, each in the types of its values: a small number is another type than a
large one. To buy something takes 60. For one more the oldest goes."""
_VALUE = re.compile(rb"%%|%\((\w+)\)s")
_IDLE = pq.TransactionStatus.IDLE
_ROWS, _DONE = pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK
_BINARY = pq.Format.BINARY
"""In binary a card comes as its bytes, not as twice as many hexadecimal digits."""
_Key = tuple[bytes, tuple[int, ...]]
"""A statement and the types of its values."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement answered: named tuples, and how many rows it answered or touched."""

    rows: list[Any]
    touched: int


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement as the server gets it, with $1, $2, ...; and the names of the values in that order."""

    sql: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]


@dataclass(slots=True)
class _Known:
    """What a connection calls its statements, the one prepared first at the front; and those it was asked once."""

    names: dict[_Key, bytes] = field(default_factory=dict)
    once: set[_Key] = field(default_factory=set)

    def is_second(self, key: _Key) -> bool:
        if key in self.once:
            self.once.discard(key)
            return True
        if len(self.once) >= MOST_PREPARED:
            self.once.clear()
        self.once.add(key)
        return False


_known: "WeakKeyDictionary[psycopg.Connection[Any], _Known]" = WeakKeyDictionary()

_numbers = count()


def ask(driver: "psycopg.Connection[Any]", sql: bytes, values: Mapping[str, Any]) -> Answer:
    """Run `sql` with its values as %(name)s; begins a transaction where the connection wants one and has none.

    Raises psycopg.Error, as a cursor would.
    """
    server, one, translator = driver.pgconn, _text(sql), Transformer(driver)
    sent = translator.dump_sequence([values[name] for name in one.names], one.formats)
    if server.transaction_status == _IDLE and not driver.autocommit:
        _good(driver, server.exec_(b"BEGIN"))
    result = _good(driver, _run(driver, one.sql, sent, translator))
    if result.status != _ROWS:
        return Answer([], result.command_tuples or 0)
    many = result.ntuples
    if not many:
        return Answer([], 0)
    translator.set_pgresult(result, format=_BINARY)
    columns = tuple([cast("bytes", result.fname(place)) for place in range(result.nfields)])
    return Answer(translator.load_rows(0, many, _row_of(columns)), many)


def _run(
    driver: "psycopg.Connection[Any]", sql: bytes, sent: Sequence[Any], translator: abc.Transformer
) -> "pq.abc.PGresult":
    """The first use only parses it, the second gives it a name."""
    server, known, types, formats = driver.pgconn, _known_by(driver), translator.types or (), translator.formats
    name = known.names.get((sql, types))
    if name is None and not known.is_second((sql, types)):
        return server.exec_params(sql, sent, types, formats, _BINARY)
    if name is None:
        name = b"plain_%d" % next(_numbers)
        _good(driver, server.prepare(name, sql, types))
        known.names[sql, types] = name
        if len(known.names) > MOST_PREPARED:
            oldest = next(iter(known.names))
            _good(driver, server.exec_(b"DEALLOCATE " + known.names.pop(oldest)))
    return server.exec_prepared(name, sent, formats, _BINARY)


def _known_by(driver: "psycopg.Connection[Any]") -> _Known:
    known = _known.get(driver)
    if known is None:
        known = _known[driver] = _Known()
    return known


def _good(driver: "psycopg.Connection[Any]", result: "pq.abc.PGresult") -> "pq.abc.PGresult":
    if result.status in {_ROWS, _DONE}:
        return result
    if driver.broken:  # then the error is libpq's own, without a code; with what the server said last, if it did
        raise psycopg.OperationalError(driver.pgconn.get_error_message())
    raise error_from_result(result)


@cache
def _text(sql: bytes) -> _Text:
    """Its number of texts is that of the statements in the code."""
    names: dict[str, bytes] = {}

    def numbered(found: "re.Match[bytes]") -> bytes:
        if found[1] is None:
            return b"%"
        return names.setdefault(found[1].decode(), b"$%d" % (len(names) + 1))

    text = _VALUE.sub(numbered, sql)
    return _Text(text, tuple(names), (PyFormat.AUTO,) * len(names))


@lru_cache(1000)
def _row_of(columns: tuple[bytes, ...]) -> Any:
    make: Any = namedtuple
    return make("Row", [one.decode() for one in columns], rename=True)._make
