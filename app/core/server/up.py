"""The whole system on one machine, from one command: servers, migrations, web, worker, demo town.

All its state is below one folder.
"""

import fcntl
import http.client
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import FrameType

from app.core import config
from app.core.server.children import Child, ServerError
from app.core.server.postgres import EmbeddedPostgres
from app.core.server.redis import EmbeddedRedis
from app.core.server.secrets import load_secrets
from app.core.server.seeding import Seeding
from app.core.server.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[3]
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PORT_WAIT_SECONDS = 3


@dataclass(frozen=True)
class Plan:
    """`seed` is none or small; wsgi.py is in `code`."""

    host: str
    port: int
    data: Path
    seed: str
    say: Callable[[str], None]
    code: Path = ROOT

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def up(plan: Plan, environment: Mapping[str, str]) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP; nothing is left running then. Raises ServerError and BadSettings."""
    plan.data.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(plan.say)
    with _only_one(plan.data), _signals_interrupt():
        try:
            _run(plan, supervisor, _environment(plan, environment))
        except KeyboardInterrupt:
            plan.say("正在停止…… Stopping ...")
        finally:
            supervisor.stop()


def _run(plan: Plan, supervisor: Supervisor, env: dict[str, str]) -> None:
    _wait_for_port(plan)
    _start_servers(plan, supervisor, env)
    _write_environment(plan.data / "environment", env)
    migrations = _child(plan, env, "migrate", "flask", "db", "upgrade")
    migrations.start()
    migrations.finish(600)
    bind = ["-c", "python:app.core.server.gunicorn_conf", "--bind", f"{plan.host}:{plan.port}", "wsgi:app"]
    web = supervisor.start(_child(plan, env, "web", "gunicorn", *bind))
    supervisor.start(_child(plan, env, "worker", "flask", "worker"))
    web.wait_ready(lambda: _is_healthy(plan.address), 120)
    _announce(plan)
    seeding = _seeding(plan, env)
    try:
        if env.get("APP_ENV") != config.PRODUCTION:
            seeding.start()
        while True:
            supervisor.look()
            seeding.look()
            time.sleep(0.2)
    finally:
        seeding.stop()


def _seeding(plan: Plan, env: dict[str, str]) -> Seeding:
    """The demo town, or with --seed none its five accounts only: without a moderator there is nobody at the desk."""
    if plan.seed == "none":
        accounts = _child(plan, env, "seed", "flask", "demo", "seed", "--only-accounts")
        return Seeding(accounts, plan.data / "accounts-made", plan.say)
    return Seeding(_child(plan, env, "seed", "flask", "demo", "seed"), plan.data / "seeded", plan.say)


def _environment(plan: Plan, environment: Mapping[str, str]) -> dict[str, str]:
    """What the children see. A value that is already in the environment wins.

    An unsafe production start is refused here, before anything runs.
    """
    own = {
        "FLASK_APP": "wsgi",
        "MEDIA_DIR": str(_private(plan.data / "media")),
        "ACCOUNTS_FILE": str(plan.data / "accounts.json"),
        "PROMETHEUS_MULTIPROC_DIR": str(_emptied(plan.data / "metrics")),
    }
    if environment.get("APP_ENV") != config.PRODUCTION:
        own |= {"SANDBOX_PAYMENTS": "1", "SANDBOX_MESSAGES": "1"}
    elif plan.seed != "none":
        raise ServerError("APP_ENV=production: demo accounts have known passwords. Start with --seed none.")
    env = own | load_secrets(plan.data, environment) | {name: value for name, value in environment.items() if value}
    config.load(env)
    return env


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _emptied(folder: Path) -> Path:
    """The processes that wrote there are gone, and their counts with them."""
    shutil.rmtree(folder, ignore_errors=True)
    return _private(folder)


def _start_servers(plan: Plan, supervisor: Supervisor, env: dict[str, str]) -> None:
    if "DATABASE_URL" not in env:
        postgres = supervisor.start(EmbeddedPostgres(plan.data / "postgres", env["EMBEDDED_DATABASE_PASSWORD"]))
        env["DATABASE_URL"] = postgres.url()
    if "REDIS_URL" not in env:
        env["REDIS_URL"] = supervisor.start(EmbeddedRedis(plan.data / "redis")).url()
    del env["EMBEDDED_DATABASE_PASSWORD"]


def _write_environment(path: Path, env: Mapping[str, str]) -> None:
    """What commands on this town need (`flask catalogue import ...`), for a shell to read; for its owner only."""
    names = ["FLASK_APP", *(one.name.upper() for one in fields(config.Settings))]
    lines = [f"{name}={shlex.quote(env[name])}\n" for name in names if name in env]
    path.touch(mode=0o600)
    path.write_text("".join(lines))


def _child(plan: Plan, env: dict[str, str], name: str, module: str, *arguments: str) -> Child:
    return Child(name, [sys.executable, "-m", module, *arguments], plan.data / "logs" / f"{name}.log", env, plan.code)


def _wait_for_port(plan: Plan) -> None:
    """A web server killed a moment ago may still hold it."""
    end = time.monotonic() + PORT_WAIT_SECONDS
    while not _is_free(plan.host, plan.port):
        if time.monotonic() > end:
            raise ServerError(
                f"端口 {plan.port} 已被占用。 Port {plan.port} on {plan.host} is taken: choose another with --port."
            )
        time.sleep(0.1)


def _is_free(host: str, port: int) -> bool:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
        return True


def _is_healthy(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(plan: Plan) -> None:
    lines = [
        f"已就绪 Ready          http://{plan.address}",
        f"创作中心 Portal        http://{plan.address}/portal",
        f"管理后台 Admin view    http://{plan.address}/admin",
        f"接口文档 API docs      http://{plan.address}/docs",
        f"日志 Logs             {plan.data / 'logs'}",
        f"命令 Commands         set -a; . {plan.data / 'environment'}; set +a; {sys.executable} -m flask --help",
        "停止 Stop             Ctrl-C",
    ]
    if os.environ.get("APP_ENV") != config.PRODUCTION:
        lines.insert(4, f"演示账号 Demo accounts {plan.data / 'accounts.json'}")
    plan.say("\n".join(lines))


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """The lock goes with our process, however it ends; no child inherits it."""
    with (data / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ServerError(
                f"{data} 正在使用中。 {data} is in use by process {lock.read().strip()}: "
                "stop that one, or choose another folder with --data."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """The first signal raises KeyboardInterrupt wherever we are; later ones do not disturb the clean-up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for one in STOP_SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {one: signal.signal(one, interrupt) for one in STOP_SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
