"""Fills an empty town once, beside the running system."""

import time
from collections.abc import Callable
from pathlib import Path

from app.core.server.children import Child

LIMIT_SECONDS = 300


class Seeding:
    """Runs `command` unless `marker` exists; makes the marker when it went well; else the next start tries again."""

    def __init__(self, command: Child, marker: Path, say: Callable[[str], None]) -> None:
        self._command = command
        self._marker = marker
        self._say = say
        self._end: float | None = None

    def start(self) -> None:
        if not self._marker.exists():
            self._command.start()
            self._end = time.monotonic() + LIMIT_SECONDS

    def look(self) -> None:
        """Call this a few times a second."""
        if self._end is None:
            return
        code = self._command.exit_code()
        if code is None and time.monotonic() < self._end:
            return
        self._end = None
        self._command.stop(2)
        if code == 0:
            self._marker.touch()
            self._say("演示数据已就绪。 The demo accounts are ready, and the town if there is to be one.")
        else:
            why = f"took longer than {LIMIT_SECONDS} s" if code is None else f"failed (exit code {code})"
            self._say(f"演示数据未完成，下次启动再试。 The demo seed {why}; the next start tries again.")
            self._say(self._command.last_words())

    def stop(self) -> None:
        self._command.stop(2)
