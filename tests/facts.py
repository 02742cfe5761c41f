"""Facts in tests."""

import time

from app.core import eventlog
from app.core.db import in_transaction


def until_all_can_be_heard() -> None:
    """Wait for it: a writer of any database of the cluster, so of another test process too, holds facts back until it
    ends. For tests that call a listener themselves; `worker.drain` waits by itself."""
    end = time.monotonic() + 20
    while in_transaction(eventlog.has_unreadable):
        assert time.monotonic() < end, "a writer has been open for 20 s"
        time.sleep(0.02)
