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

from app import create_app
from bench.client import Asked
from bench.figures import BenchError
from bench.processes import together

Values = Sequence[Any] | Mapping[str, Any] | None


@dataclass(slots=True)
class Heard:
    """Of one request: the statements with their values, and the questions to Elasticsearch, in their order."""

    statements: list[tuple[bytes, Values]] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)


def heard(env: Mapping[str, str], requests: Sequence[Asked]) -> list[Heard]:
    """What each request asks once the application is warm: the token known, the snapshot of explore made.

    In a process of its own, since an application takes its settings from the environment. Raises BenchError.
    """
    return together([partial(_listen, env, requests)])[0]


def _listen(env: Mapping[str, str], requests: Sequence[Asked]) -> list[Heard]:
    os.environ.clear()
    os.environ.update(env)
    client = create_app().test_client()
    found = []
    for asked in requests:
        named: dict[str, Any] = {"method": asked.method, "headers": {"Authorization": asked.authorization}}
        client.open(asked.path, **named)
        with _listening() as one:
            answer = client.open(asked.path, **named)
        if answer.status_code != 200:
            raise BenchError(f"{asked.path} answered {answer.status_code}: {answer.get_data(as_text=True)[:300]}")
        found.append(one)
    return found


@contextmanager
def _listening() -> Iterator[Heard]:
    found = Heard()
    execute, perform = psycopg.Cursor.execute, Urllib3HttpNode.perform_request

    def hear(cursor: Any, query: Any, params: Values = None, **named: Any) -> Any:
        text = query if isinstance(query, bytes) else str(query).encode() if isinstance(query, str) else b""
        if text:  # an empty one only asks whether the connection is well
            found.statements.append((text, params))
        elif not isinstance(query, str | bytes):
            found.statements.append((query.as_bytes(cursor), params))
        return execute(cursor, query, params, **named)

    def ask(node: Any, method: str, target: str, body: bytes | None = None, **named: Any) -> Any:
        found.questions.append(Asked(method, target, body=body or b""))
        return perform(node, method, target, body=body, **named)

    with patch.object(psycopg.Cursor, "execute", hear), patch.object(Urllib3HttpNode, "perform_request", ask):
        yield found
