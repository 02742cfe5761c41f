"""A process that we started, which ends when we end, even by kill -9.

`setpriv` (util-linux) puts the leash on: it sets the parent-death signal and, where we are root, becomes `nobody`
first, since PostgreSQL refuses to run as root. The kernel sends the parent-death signal when the *thread* that started
the child ends, so start children from the main thread. Without setpriv (not Linux) a child ends only when stopped.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65534
READ_SEARCH, OVERRIDE, SETPCAP = ("dac_read_search", 2), ("dac_override", 1), 8
LONG_LOG = 20_000_000


class ServerError(Exception):
    """Something that the person who started us has to know, in one or a few lines."""


@dataclass
class Child:
    """One process. `ends_by` is the signal of a polite stop, `with_parent` the one the kernel sends when we die."""

    name: str
    command: Sequence[str | Path]
    log_file: Path
    env: Mapping[str, str]
    cwd: Path
    as_nobody: bool = False
    ends_by: signal.Signals = signal.SIGTERM
    with_parent: signal.Signals = signal.SIGKILL
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """In a session of its own, so that Ctrl-C in a terminal reaches us alone and we end the children in order."""
        leash = _leash(self.with_parent, self.as_nobody, [Path(self.command[0]), self.cwd])
        _start_log(self.log_file)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, *map(str, self.command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.env),
                cwd=self.cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def wait_ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Return when `is_ready()`; raise ServerError when the child has ended or the time is over."""
        end = time.monotonic() + seconds
        while not is_ready():
            if not self.alive():
                raise ServerError(f"{self.name} ended at once (exit code {self.exit_code()}).\n{self.last_words()}")
            if time.monotonic() > end:
                raise ServerError(f"{self.name} was not ready after {seconds:g} s.\n{self.last_words()}")
            time.sleep(0.03)

    def finish(self, seconds: float) -> None:
        """Wait for a command that ends by itself; raise ServerError when it failed or took too long."""
        if self._process is None:
            raise ServerError(f"{self.name} was not started.")
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            self.stop(1)
            raise ServerError(f"{self.name} took longer than {seconds:g} s.\n{self.last_words()}") from late
        if code:
            raise ServerError(f"{self.name} failed (exit code {code}).\n{self.last_words()}")

    def stop(self, seconds: float = 10) -> None:
        """Ask politely, wait, then kill, with whatever it left behind in its process group."""
        if self._process is None:
            return
        if self.alive():
            self._process.send_signal(self.ends_by)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        _end_group(self._process.pid)
        self._process = None

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for a message."""
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(0, self.log_file.stat().st_size - 4000))
                tail = log.read().decode(errors="replace").splitlines()[-lines:]
        except FileNotFoundError:
            tail = []
        return "\n".join([f"The end of {self.log_file}:", *(f"    {line}" for line in tail)])


def is_root() -> bool:
    return os.geteuid() == 0


def give_to_nobody(path: Path) -> None:
    """Where we are root, PostgreSQL and Redis run as nobody, and what they write to is nobody's."""
    if is_root():
        os.chown(path, NOBODY, NOBODY)


def _start_log(path: Path) -> None:
    """A log that grew long steps aside for a new one, so that at most two of them fill the disk between starts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LONG_LOG:
        path.rename(path.with_name(f"{path.name}.1"))


def _leash(with_parent: signal.Signals, as_nobody: bool, needed: Sequence[Path]) -> list[str]:
    setpriv = shutil.which("setpriv")
    becomes_nobody = as_nobody and is_root()
    if setpriv is None:
        if becomes_nobody:
            raise ServerError(
                "As root this needs the command setpriv (Debian: apt-get install util-linux). Or be another user."
            )
        return []
    leash = [setpriv, "--pdeathsig", with_parent.name.removeprefix("SIG")]
    if becomes_nobody:
        leash += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", *_passage(needed)]
    return [*leash, "--"]


def _passage(needed: Sequence[Path]) -> list[str]:
    """No capability at all; but where nobody cannot reach a path (a checkout below /root), the one to pass folders.

    no_setuid_fixup is for access(2), with which initdb looks for its programs: else that ignores capabilities.
    """
    shut = [path for path in needed if not _open_to_all(path)]
    if not shut:
        return ["--inh-caps=-all"]
    held = _own_capabilities()
    for name, bit in (READ_SEARCH, OVERRIDE):
        if held >> bit & held >> SETPCAP & 1:
            return [f"--inh-caps=-all,+{name}", f"--ambient-caps=-all,+{name}", "--securebits=+no_setuid_fixup"]
    raise ServerError(
        f"The user nobody, as whom PostgreSQL and Redis run, cannot reach {shut[0]}: "
        "make its parent folders passable (chmod o+x), or start this as another user than root."
    )


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _own_capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
