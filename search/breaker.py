"""A breaker: after a failure it is not tried for a while, and then by one caller first."""

import time
from threading import Lock


class Breaker:
    """Open for `seconds` after each failure. Safe for many threads."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last call failed and none has succeeded since."""
        return self._open_until is not None

    def lets_through(self) -> bool:
        """Whether to try now. Once the time is over the first who asks is let through, the others wait for its outcome:
        at most another `seconds`, in case it never tells."""
        if self._open_until is None:
            return True
        with self._lock:
            until, now = self._open_until, time.monotonic()
            if until is not None and now < until:
                return False
            if until is not None:
                self._open_until = now + self._seconds
            return True

    def failed(self) -> bool:
        """To be told of each failure. Answers whether it is the first of a row."""
        with self._lock:
            first = self._open_until is None
            self._open_until = time.monotonic() + self._seconds
            return first

    def succeeded(self) -> bool:
        """To be told of each success. Answers whether it ends a row of failures."""
        if self._open_until is None:
            return False
        with self._lock:
            ended = self._open_until is not None
            self._open_until = None
            return ended
