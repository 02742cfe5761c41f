"""Once a process, before its first write: notice whether the database was restored into another cluster."""

import threading

from app.core import eventlog
from app.core.db import in_transaction

_lock = threading.Lock()
_done: set[str] = set()


def ensure() -> None:
    """Call before a write; costs nothing after the first time."""
    if not _done:
        with _lock:
            if not _done:
                in_transaction(eventlog.notice_restore)
                _done.add("noticed")


def forget() -> None:
    """Tests only: look again at the next write, as a new process would."""
    _done.clear()
