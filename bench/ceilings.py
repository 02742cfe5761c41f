"""Servers that answer the same bytes as the application at the same paths, and do less for them.

Three ways, under the application's own gunicorn configuration; each adds one layer to the one before:

    bare    Flask alone: a route that answers constant bytes with all the headers.       what Flask and gunicorn cost
    hooks   a route in the application, through its hooks around every request.     + request id, headers, metrics
    door    a Door in the application, with the same caller, query and body rules.  + token, schemas, ETag

What ours costs beyond `door` is its own: the room's code, its statements, waiting for PostgreSQL. A write's Door also
keeps an idempotency key and commits; those are counted as the room's here.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response

from app import create_app
from app.core.fields import Out
from app.core.http.answers import Ready, With
from app.core.http.door import PREFIX, Door
from app.core.server.children import Child
from app.core.server.up import ROOT
from bench.client import Answer, Asked, Talk, status_of
from bench.figures import BenchError
from bench.operations import READS, STEPS, Operation
from bench.town import Town, free_port

WAYS = ("bare", "hooks", "door")
BELOW = {"bare": "/bare", "hooks": "/hooks", "door": f"{PREFIX}/door"}
"""What stands before the paths of each way."""
ANSWERS = "BENCH_ANSWERS"
BY_DOOR = {"content-type", "cache-control", "etag", "search-engine"}
"""Headers of an answer that its door sets; gunicorn sets BY_SERVER, and hooks all others."""
BY_SERVER = {"server", "date", "connection", "content-length"}


@dataclass(frozen=True, slots=True)
class Constant:
    """What a door answered once, to be answered from now on."""

    name: str
    status: int
    headers: list[tuple[str, str]]
    body: str

    @classmethod
    def of(cls, name: str, answer: Answer) -> "Constant":
        headers = [(one, value) for one, value in answer.headers if one.lower() not in BY_SERVER]
        return cls(name, answer.status, headers, answer.body.decode())

    def only(self, names: set[str]) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.headers if name.lower() in names]


def bare() -> Flask:
    """For gunicorn: Flask and nothing else."""
    app = Flask("bare", static_folder=None)
    for operation, constant in _constants():
        _route(app, BELOW["bare"], operation, constant, constant.headers)
    return app


def fitted() -> Flask:
    """For gunicorn: the application, with routes of both other ways in it."""
    app = create_app()
    door = Door("door")
    for operation, constant in _constants():
        _route(app, BELOW["hooks"], operation, constant, constant.only(BY_DOOR))
        _declare(door, operation, constant)
    app.register_blueprint(door.blueprint)
    return app


def _constants() -> Iterator[tuple[Operation, Constant]]:
    known = {one["name"]: Constant(**one) for one in orjson.loads(Path(os.environ[ANSWERS]).read_bytes())}
    return ((one, known[one.name]) for one in (*READS, *STEPS) if one.name in known)


def _route(app: Flask, below: str, operation: Operation, constant: Constant, headers: list[tuple[str, str]]) -> None:
    body, status = constant.body.encode(), constant.status

    def answer(**_: Any) -> Response:
        return Response(body, status, headers)

    rule = below + operation.rule
    app.add_url_rule(rule, f"{below[1:]} {operation.name}", answer, methods=[operation.method])


def _declare(door: Door, operation: Operation, constant: Constant) -> None:
    ready, engine = Ready(constant.body.encode()), dict(constant.only({"search-engine"}))

    def view(*_: Any, **__: Any) -> Ready | With:
        return With(ready, engine) if engine else ready

    view.__name__ = f"{operation.name.replace(' ', '_')}_constant"
    rule, who = f"/door{operation.rule}", operation.who
    if operation.method == "GET":
        door.get(rule, asks=operation.asks, who=who, limit="search" if engine else None)(view)
    elif operation.method == "PATCH":
        door.patch(rule, takes=operation.takes, gives=Out, who=who, limit="order")(view)
    else:
        ways: dict[str, Any] = {"status": operation.status, "limit": "order", "key": "none"}
        door.post(rule, takes=operation.takes, who=who, **ways)(view)


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody who answers at `address` (host:port), at the application's paths `below` another. `pid` is its gunicorn,
    or a process above it."""

    address: str
    below: str
    pid: int


@contextmanager
def ceilings(town: Town, constants: Sequence[Constant]) -> Iterator[Mapping[str, Server]]:
    """Both servers, running inside the with block, by the names of the WAYS."""
    path = town.folder / "answers.json"
    path.write_bytes(orjson.dumps([asdict(one) for one in constants]))
    servers = {"bare": _server(town, path, "bare"), "fitted": _server(town, path, "fitted")}
    try:
        for child, _ in servers.values():
            child.start()
        for child, address in servers.values():
            child.wait_ready(_answers(address), 60)
        yield {way: _serving(way, *servers["bare" if way == "bare" else "fitted"]) for way in WAYS}
    finally:
        for child, _ in servers.values():
            child.stop()


def _serving(way: str, child: Child, address: str) -> Server:
    return Server(address, BELOW[way], child.pid or 0)


def _server(town: Town, answers: Path, factory: str) -> tuple[Child, str]:
    """As the application's web server is started, with metrics in a folder as there."""
    metrics = town.folder / f"metrics-{factory}"
    metrics.mkdir(exist_ok=True)
    env = {**town.env, ANSWERS: str(answers), "PROMETHEUS_MULTIPROC_DIR": str(metrics), "PYTHONPATH": str(ROOT)}
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "-c", "python:app.core.server.gunicorn_conf", "--bind", address]
    log = town.folder / "logs" / f"{factory}.log"
    return Child(factory, [*command, f"bench.ceilings:{factory}()"], log, env, ROOT), address


def _answers(address: str) -> Callable[[], bool]:
    return lambda: status_of(address, "/no-such-page") == 404


def require_alike(servers: Mapping[str, Server], constant: Constant, asked: Asked) -> None:
    """Raises BenchError unless each way answers a read with the same bytes and the same headers as the application."""
    names = {name.lower() for name, _ in constant.headers}
    for way in WAYS:
        talk = Talk(servers[way].address)
        answer = talk.expect(asked.below(servers[way].below), constant.status)
        talk.close()
        found = {name.lower() for name, _ in answer.headers} - BY_SERVER
        if answer.body != constant.body.encode() or found != names:
            different = ", ".join(sorted(found ^ names)) or "the body"
            raise BenchError(f"the ceiling {way} of {constant.name} is not like the application's answer: {different}")
