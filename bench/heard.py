"""What a request asks of PostgreSQL and of Elasticsearch, heard at their drivers while the application answers it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

import psycopg
from elastic_transport import Urllib3HttpNode
from flask.testing import FlaskClient

from app import create_app
from app.core import wire
from app.core.wire import Answer as Answered
from bench.client import Answer, Asked, Place
from bench.figures import BenchError
from bench.flows import buy
from bench.processes import together
from bench.sample import Want

Values = Sequence[Any] | Mapping[str, Any] | None


@dataclass(slots=True)
class Statement:
    """As the driver got it; `rows` is how many it answered or touched."""

    sql: bytes
    values: Values
    rows: int = -1


COMMIT = b"COMMIT"
"""Stands for the end of a transaction, which is no statement to the driver."""


@dataclass(slots=True)
class Heard:
    """Of one request: the statements, and the questions to Elasticsearch, in their order."""

    statements: list[Statement] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)

    @property
    def is_write(self) -> bool:
        return any(one.sql == COMMIT for one in self.statements)


def heard(env: Mapping[str, str], requests: Sequence[Asked]) -> list[Heard]:
    """What each read asks once the application is warm: the token known, the snapshot of explore made.

    In a process of its own, since an application takes its settings from the environment. Raises BenchError.
    """
    return together([partial(_reads, env, requests)])[0]


def heard_ways(
    env: Mapping[str, str], town: Place, wants: Sequence[Want], buyers: Sequence[str], guests: int
) -> list[list[Heard]]:
    """What each step of a whole way asks, for a way of each of the buyers and for so many guests. Raises BenchError."""
    return together([partial(_ways, env, town, wants, [*buyers, *[""] * guests])])[0]


def _reads(env: Mapping[str, str], requests: Sequence[Asked]) -> list[Heard]:
    inside = _Inside(env)
    for asked in requests:
        good = 201 if asked.method == "POST" else 200
        inside.expect(asked, good)
        del inside.heard[-1]
        inside.expect(asked, good)
    return inside.heard


def _ways(env: Mapping[str, str], town: Place, wants: Sequence[Want], tokens: Sequence[str]) -> list[list[Heard]]:
    inside = _Inside(env)
    buy(inside, town, wants[0], "")  # warms
    found = []
    for token in filter(None, tokens):  # the first use of each is noted, and only the first
        inside.expect(Asked("GET", f"{town.below}/feed/following?limit=1", f"Bearer {token}"), 200)
    for place, token in enumerate(tokens):
        inside.heard = []
        buy(inside, town, wants[place * 7919 % len(wants)], token)
        found.append(inside.heard)
    return found


class _Inside:
    """Asks the application without a network, and listens."""

    def __init__(self, env: Mapping[str, str]) -> None:
        os.environ.clear()
        os.environ.update(env)
        self._client: FlaskClient = create_app().test_client()
        self.heard: list[Heard] = []

    def expect(self, asked: Asked, status: int) -> Answer:
        headers = {"Authorization": asked.authorization, "Idempotency-Key": asked.key, "Sandbox-Signature": asked.seal}
        named: dict[str, Any] = {"headers": {name: value for name, value in headers.items() if value}}
        if asked.body:
            named |= {"data": asked.body, "content_type": "application/json"}
        with _listening() as one:
            answer = self._client.open(asked.path, method=asked.method, **named)
        self.heard.append(one)
        body = answer.get_data()
        if answer.status_code != status:
            raise BenchError(f"{asked.method} {asked.path} answered {answer.status_code}: {body[:300]!r}")
        return Answer(status, list(answer.headers.items()), body, 0.0)


@contextmanager
def _listening() -> Iterator[Heard]:
    found = Heard()
    execute, commit, perform = psycopg.Cursor.execute, psycopg.Connection.commit, Urllib3HttpNode.perform_request
    ask_plain = wire.ask

    def hear(cursor: Any, query: Any, params: Values = None, **named: Any) -> Any:
        sql = (
            query if isinstance(query, bytes) else query.encode() if isinstance(query, str) else query.as_bytes(cursor)
        )
        done = execute(cursor, query, params, **named)
        if sql:  # an empty one only asks whether the connection is well
            found.statements.append(Statement(sql, params, cursor.rowcount))
        return done

    def hear_plain(driver: Any, sql: bytes, values: Mapping[str, Any]) -> Answered:
        done = ask_plain(driver, sql, values)
        found.statements.append(Statement(sql, values, done.touched))
        return done

    def end(connection: Any) -> None:
        commit(connection)
        found.statements.append(Statement(COMMIT, None))

    def ask(node: Any, method: str, target: str, body: bytes | None = None, **named: Any) -> Any:
        found.questions.append(Asked(method, target, body=body or b""))
        return perform(node, method, target, body=body, **named)

    with (
        patch.object(psycopg.Cursor, "execute", hear),
        patch.object(wire, "ask", hear_plain),
        patch.object(psycopg.Connection, "commit", end),
        patch.object(Urllib3HttpNode, "perform_request", ask),
    ):
        yield found
