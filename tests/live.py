"""A town that really runs: gunicorn and a worker as processes of their own, to be spoken to over HTTP and killed."""

import os
import signal
import socket
import ssl
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.core.server.children import Child
from tests.services import ROOT, TEMPLATE, Services, postgres_of, redis_of

READY_SECONDS = 60
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def talk(url: str, seconds: float = 20, **named: Any) -> httpx.Client:
    """A client of `url`. Making the TLS settings of one costs 20 ms, so all share them; nobody here speaks TLS."""
    return httpx.Client(base_url=url, timeout=seconds, verify=_NO_TLS, trust_env=False, **named)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class LiveTown:
    """Start with `start()`, end with `stop()`. `url` is the address; `env` may be changed before a start."""

    services: Services
    folder: Path
    name: str
    web_workers: int = 2
    env: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    talks: list[httpx.Client] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    """How many answers of each status its visitors got, those that they asked again for included."""
    port: int = 0

    def start(self, *, fresh: bool = True) -> "LiveTown":
        postgres = postgres_of(self.services)
        if fresh:
            postgres.drop_database(self.name)
            postgres.create_database(self.name, template=TEMPLATE)
        self.port = self.port or free_port()
        self.env = {**os.environ, **self._settings(postgres.url(self.name)), **self.env}
        self.start_web()
        self.start_worker()
        return self

    def start_web(self) -> None:
        bind = ["-c", "python:app.core.server.gunicorn_conf", "--bind", f"127.0.0.1:{self.port}", "wsgi:app"]
        self._run("web", "gunicorn", *bind)
        self.children["web"].wait_ready(self.is_healthy, READY_SECONDS)

    def start_worker(self) -> None:
        self._run("worker", "flask", "worker")

    def stop(self, seconds: float = 5) -> None:
        for child in reversed(self.children.values()):
            child.stop(seconds)

    def close(self) -> None:
        """The end of the test: nothing is left to be finished, so nothing is waited for."""
        for talk in self.talks:
            talk.close()
        self.stop(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_healthy(self) -> bool:
        try:
            with talk(self.url, seconds=2) as one:
                return one.get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    def web_worker_pids(self) -> list[int]:
        master = self.children["web"].pid
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except OSError:
                continue
            if int(text.rpartition(")")[2].split()[1]) == master:
                found.append(int(stat.parent.name))
        return found

    def kill_a_web_worker(self) -> None:
        for pid in self.web_worker_pids()[:1]:
            os.kill(pid, signal.SIGKILL)

    def kill_worker(self) -> None:
        """kill -9 the worker and start another, as the supervisor of `bin/up` does."""
        pid = self.children["worker"].pid
        if pid:
            os.kill(pid, signal.SIGKILL)
        self.children["worker"].stop(5)
        self.start_worker()

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def person(self, token: str = "") -> "Visitor":
        return Visitor(self, token)

    def _settings(self, database_url: str) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_of(self.services, self.name),
            "MEDIA_DIR": str(self.folder / "media"),
            "SECRET_KEY": "a key for tests, long enough to be one",
            "SANDBOX_PAYMENTS": "1",
            "SANDBOX_MESSAGES": "1",
            "SANDBOX_SECRET": "a secret of the sandbox",
            "RATE_LIMITS": "off",
            "FLASK_APP": "wsgi",
            "WEB_WORKERS": str(self.web_workers),
            "SEARCH_INDEX_PREFIX": self.name.replace("_", ""),
            "PYTHONPATH": str(ROOT),
        }

    def _run(self, name: str, module: str, *arguments: str) -> None:
        child = Child(name, [sys.executable, "-m", module, *arguments], self.folder / f"{name}.log", self.env, ROOT)
        child.start()
        self.children[name] = child


class Visitor:
    """Somebody who speaks to a live town over HTTP; one connection pool each, safe in one thread."""

    def __init__(self, town: LiveTown, token: str = "") -> None:
        self.http = talk(f"{town.url}/api/v1", event_hooks={"response": [self._count]})
        self.http.headers["Device-Id"] = uuid4().hex  # all of a town come from one address
        self._answers = town.answers
        town.talks.append(self.http)
        if token:
            self.http.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, json: Any = None, key: str | None = None, **named: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.request(method, path, json=json, headers=headers, **named)

    def _count(self, answer: httpx.Response) -> None:
        self._answers[answer.status_code] += 1

    def get(self, path: str, **named: Any) -> httpx.Response:
        return self.send("GET", path, **named)

    def post(self, path: str, json: Any = None, **named: Any) -> httpx.Response:
        return self.send("POST", path, json=json, **named)

    def put(self, path: str, json: Any = None, **named: Any) -> httpx.Response:
        return self.send("PUT", path, json=json, **named)

    def patch(self, path: str, json: Any = None, **named: Any) -> httpx.Response:
        return self.send("PATCH", path, json=json, **named)

    def delete(self, path: str, **named: Any) -> httpx.Response:
        return self.send("DELETE", path, **named)

    def insist(
        self, method: str, path: str, json: Any = None, key: str | None = None, seconds: float = 30
    ) -> httpx.Response:
        """Send until an answer comes that is final: retries a lost connection, 503, and a 409 that says in progress."""
        end = time.monotonic() + seconds
        while True:
            try:
                answer = self.send(method, path, json, key)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code != 503 and not _in_progress(answer):
                return answer
            if time.monotonic() > end:
                raise TimeoutError(f"{method} {path}: no final answer in {seconds} s")
            time.sleep(0.05)


def _in_progress(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json().get("code") == "in_progress"
