"""The embedded servers: they end with their parent and start again whatever happened; secrets stay."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from app.core.server.children import NOBODY, Child, ServerError, is_root
from app.core.server.postgres import EmbeddedPostgres, processes_in, program
from app.core.server.secrets import NAMES, load_secrets
from app.core.server.servers import Servers, servers
from app.core.server.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
KEEP_RUNNING = """
import pathlib, sys, time
from app.core.server.servers import servers
with servers(pathlib.Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers(tmp_path_factory.mktemp("pair")) as both:
        yield both


def test_both_servers_answer_at_their_addresses(pair: Servers):
    with psycopg.connect(pair.database_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT current_user, current_setting('server_encoding'), upper('é')").fetchone() == (
            "app",
            "UTF8",
            "É",
        )
        assert connection.execute("SELECT current_setting('listen_addresses')").fetchone() == ("",)
    assert redis.from_url(pair.redis_url).config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}


def test_a_database_can_be_copied_and_dropped_while_in_use(pair: Servers):
    plain = pair.postgres.create_database("mould").replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute("CREATE TABLE things (id int)")
    copy = pair.postgres.create_database("cast", template="mould").replace("+psycopg", "")
    held = psycopg.connect(copy)
    assert held.execute("SELECT count(*) FROM things").fetchone() == (0,)
    pair.postgres.drop_database("cast")
    held.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy)


def test_without_the_password_the_database_lets_nobody_in(pair: Servers):
    host = pair.database_url.partition("host=")[2]
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=host, user="postgres", dbname="postgres", passfile=os.devnull)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(host=host, user="app", dbname="app", password="guess")


def test_the_sockets_are_in_folders_closed_to_others(pair: Servers):
    for server in (pair.postgres, pair.redis):
        assert (server.folder / "run").stat().st_mode & 0o777 == 0o700


def test_pg_dump_of_the_wheel_reads_the_address(pair: Servers):
    dump = subprocess.run(
        [program("pg_dump"), "--schema-only", pair.database_url.replace("+psycopg", "")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "PostgreSQL database dump complete" in dump.stdout


def test_kill_9_of_the_parent_ends_both_servers(tmp_path: Path):
    parent = subprocess.Popen(
        [sys.executable, "-c", KEEP_RUNNING, tmp_path], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    assert processes_in(tmp_path / "postgres" / "data")
    assert processes_in(tmp_path / "redis")
    parent.kill()
    parent.communicate()
    until(lambda: not processes_in(tmp_path / "postgres" / "data") and not processes_in(tmp_path / "redis"))


def test_locks_that_name_a_strangers_process_do_not_stop_the_next_start(tmp_path: Path):
    with servers(tmp_path) as first:
        locks = [first.postgres.data / "postmaster.pid", first.postgres.folder / "run" / ".s.PGSQL.5432.lock"]
        texts = [lock.read_text().partition("\n")[2] for lock in locks]
        assert first.postgres.pid is not None
        os.kill(first.postgres.pid, signal.SIGKILL)
        until(lambda: not first.postgres.alive())
        # Redis lives, and belongs to the same user, so that PostgreSQL by itself would take it for another PostgreSQL.
        for lock, rest in zip(locks, texts, strict=True):
            lock.write_text(f"{first.redis.pid}\n{rest}")
        assert first.postgres.start() == first.database_url


def test_a_path_too_long_or_odd_for_a_socket_works(tmp_path: Path):
    folder = tmp_path / "a long, odd 路径" / ("x" * 120)
    with servers(folder) as both:
        elsewhere = Path((both.postgres.folder / "sockets-are-in").read_text().strip())
        assert elsewhere.is_dir()
        handle = EmbeddedPostgres(both.postgres.folder, both.postgres.password)
        assert handle.url() == both.database_url
        handle.stop()
        assert redis.from_url(both.redis_url).ping()
    assert not elsewhere.exists()


def test_another_password_than_the_clusters_is_told_in_plain_words(tmp_path: Path):
    first = EmbeddedPostgres(tmp_path / "postgres", "one", durable=False)
    first.start()
    first.stop()
    second = EmbeddedPostgres(tmp_path / "postgres", "two", durable=False)
    try:
        with pytest.raises(ServerError, match=r"The password does not fit .* secrets\.env"):
            second.start()
    finally:
        second.stop()


def test_secrets_are_random_stay_the_same_and_are_the_owners_alone(tmp_path: Path):
    once = load_secrets(tmp_path, {})
    assert set(once) == set(NAMES)
    assert len(set(once.values())) == len(NAMES)
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert load_secrets(tmp_path, {}) == once
    assert load_secrets(tmp_path, {"SECRET_KEY": "mine"}) == once | {"SECRET_KEY": "mine"}
    assert load_secrets(tmp_path, {}) == once


def test_a_child_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path):
    child = Child("greeter", ["sh", "-c", "echo bad luck; exit 3"], tmp_path / "log", os.environ, tmp_path)
    child.start()
    with pytest.raises(ServerError, match=r"(?s)greeter ended at once \(exit code 3\).*bad luck"):
        child.wait_ready(lambda: False, 5)


def test_a_program_in_a_folder_closed_to_others_runs_as_nobody_too(tmp_path: Path):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    shell = Path(shutil.copy("/bin/sh", shut))
    child = Child(
        "shell", [shell, "-c", f"test -x {shell} && id -u"], tmp_path / "log", os.environ, shut, as_nobody=True
    )
    child.start()
    child.finish(5)
    assert (tmp_path / "log").read_text() == f"{NOBODY if is_root() else os.geteuid()}\n"


def test_a_child_deaf_to_a_polite_stop_is_killed_with_its_own_children(tmp_path: Path):
    child = Child(
        "deaf", ["sh", "-c", "trap '' TERM; echo up; sleep 60 & wait; wait"], tmp_path / "log", os.environ, tmp_path
    )
    child.start()
    child.wait_ready(lambda: (tmp_path / "log").read_text() == "up\n", 5)
    child.stop(0.2)
    assert not child.alive()
    until(lambda: processes_in(tmp_path) == [])


def test_the_supervisor_restarts_what_dies_and_gives_up_on_what_dies_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.core.server.supervisor.FIRST_PAUSE_SECONDS", 0.001)
    said: list[str] = []
    supervisor = Supervisor(said.append)
    steady = supervisor.start(Child("steady", ["sleep", "60"], tmp_path / "steady", os.environ, tmp_path))
    assert steady.pid is not None
    os.kill(steady.pid, signal.SIGKILL)
    until(lambda: supervisor.look() is None and said != [] and steady.alive())
    supervisor.start(Child("sick", ["sh", "-c", "echo no; exit 1"], tmp_path / "sick", os.environ, tmp_path))
    with pytest.raises(ServerError, match=r"(?s)sick died 6 times within 60 s.*no"):
        until(lambda: supervisor.look() is not None)
    supervisor.stop()
    assert not steady.alive()


def until(is_so: Callable[[], bool], seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
