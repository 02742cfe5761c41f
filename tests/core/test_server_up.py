"""`bin/up` as a whole, in front of a stand-in for the application that knows the same commands."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.core.server.cli import up_command
from app.core.server.postgres import processes_in

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """
import os, time
import click
from flask import Flask
app = Flask("stand-in")
app.get("/healthz")(lambda: os.environ["CHECKOUT_HOLD_SECONDS"])

@app.cli.command("worker")
def worker():
    time.sleep(60)

@app.cli.command("db")
@click.argument("step")
def db(step):
    assert step == "upgrade" and "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ

@app.cli.command("demo")
@click.argument("step")
def demo(step):
    assert step == "seed" and os.environ["SANDBOX_PAYMENTS"] == "1"
    with open(os.environ["ACCOUNTS_FILE"], "a") as file:
        file.write("seeded\\n")
"""
RUN = """
import os, pathlib, sys
from app.core.server.up import Plan, up
code, data = map(pathlib.Path, sys.argv[2:])
up(Plan("127.0.0.1", int(sys.argv[1]), data, "small", print, code), os.environ)
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "wsgi.py").write_text(STAND_IN)
    return folder


def test_everything_starts_seeds_once_and_ends_by_a_signal_or_with_its_starter(code: Path, tmp_path: Path):
    data = tmp_path / "data"
    folders = [code, data / "redis", data / "postgres" / "data"]
    with running(code, data) as (first, port):
        until(lambda: health(port) == "77")
        until((data / "seeded").exists)
        assert all(map(processes_in, folders))
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
        assert not any(map(processes_in, folders))
    with running(code, data) as (second, port):
        until(lambda: health(port) == "77")
        second.kill()
        second.wait(5)
        until(lambda: not any(map(processes_in, folders)))
    assert (data / "accounts.json").read_text() == "seeded\n"


def test_production_refuses_sandbox_payments_and_demo_accounts(tmp_path: Path):
    refusal = refused(tmp_path, {"SANDBOX_PAYMENTS": "1"})
    assert "SANDBOX_PAYMENTS" in refusal
    assert "demo accounts" in refused(tmp_path, {}, "--seed", "small")


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.core.server.up.PORT_WAIT_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = CliRunner().invoke(up_command, ["--data", str(tmp_path), "--port", str(port)])
    assert answer.exit_code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in answer.output
    assert not (tmp_path / "postgres").exists()


def refused(data: Path, env: dict[str, str], *options: str) -> str:
    answer = CliRunner().invoke(
        up_command, ["--data", str(data), *options], env={"APP_ENV": "production", "SANDBOX_PAYMENTS": None} | env
    )
    assert answer.exit_code == 1
    assert not (data / "postgres").exists()
    return answer.output


@contextmanager
def running(code: Path, data: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    unwanted = {"DATABASE_URL", "REDIS_URL", "APP_ENV", "SANDBOX_PAYMENTS"}
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    env |= {"PYTHONPATH": str(ROOT), "CHECKOUT_HOLD_SECONDS": "77", "WEB_WORKERS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(port), code, data], env=env, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield process, port
        finally:
            process.kill()


def health(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        connection.close()


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
