"""Short private folders for unix sockets.

The path of a unix socket has at most 107 bytes (the kernel's sockaddr_un), and commas, blanks or quotes in it mean
something to libpq. Where a folder's own path does not fit, the sockets lie in a new folder of the system's temporary
directory, and the path of that one stands in a file, so that the next start can clear it away.
"""

import os
import re
import stat
import tempfile
from pathlib import Path

from app.core.server.children import NOBODY, give_to_nobody, is_root

LONGEST = 107 - len("/.s.PGSQL.5432.lock")
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
LONGEST_PLACE = LONGEST - 20
RECORD = "sockets-are-in"


class SocketFolder:
    """Where a server in `home` puts its socket; the same from the first open() to close()."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()
        self._record = self._home / RECORD
        self._path: Path | None = None

    def open(self) -> Path:
        """The folder, made if need be; the recorded one if there is one, so that another process finds the same."""
        if self._path is None:
            self._path = self._recorded() or self._make()
        return self._path

    def clear(self) -> None:
        """Before a start: sockets and locks that a killed server left behind name processes that may be anybody's."""
        for entry in self.open().iterdir():
            entry.unlink()

    def close(self) -> None:
        """After the end."""
        self.clear()
        if self._record.exists():
            self.open().rmdir()
            self._record.unlink()
        self._path = None

    def _recorded(self) -> Path | None:
        """Only if it is still ours: after a restart of the machine the name may be taken by somebody else."""
        if not self._record.exists():
            return None
        path = Path(self._record.read_text().strip())
        owners = {os.geteuid(), NOBODY} if is_root() else {os.geteuid()}
        try:
            found = path.lstat()
        except OSError:
            return None
        return (
            path
            if stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and found.st_uid in owners
            else None
        )

    def _make(self) -> Path:
        inside = self._home / "run"
        if PLAIN.fullmatch(str(inside)) and len(os.fsencode(inside)) <= LONGEST:
            inside.mkdir(mode=0o700, exist_ok=True)
            path = inside
        else:
            path = Path(tempfile.mkdtemp(prefix="sockets-", dir=_roomy_place()))
            self._record.write_text(f"{path}\n")
        give_to_nobody(path)
        return path


def _roomy_place() -> str:
    """A root's XDG_RUNTIME_DIR is closed to nobody, as whom the servers then run."""
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    return (
        own if own and not is_root() and os.access(own, os.W_OK) and len(own) < LONGEST_PLACE else tempfile.gettempdir()
    )
