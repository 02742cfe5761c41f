"""Keeps services running: starts them in order, restarts what dies, ends them in reverse order."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from app.core.server.children import ServerError

WINDOW_SECONDS = 60
DEATHS_ALLOWED = 5
FIRST_PAUSE_SECONDS = 0.25


class Service(Protocol):
    """A Child, or a server made of one. start() may be called again after it died."""

    @property
    def name(self) -> str: ...

    def start(self) -> object: ...

    def stop(self) -> None: ...

    def alive(self) -> bool: ...

    def last_words(self) -> str: ...


T = TypeVar("T", bound=Service)


class Supervisor:
    """`say` tells the person who started us."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._services: list[Service] = []
        self._deaths: dict[str, list[float]] = {}
        self._start_again_at: dict[str, float] = {}

    def start(self, service: T) -> T:
        """Known before it is started, so that a start which fails half-way is cleaned up by stop()."""
        self._services.append(service)
        service.start()
        return service

    def look(self) -> None:
        """Call this a few times a second. Raises ServerError when a service dies again and again."""
        for service in self._services:
            if not service.alive():
                self._revive(service)

    def stop(self) -> None:
        while self._services:
            self._services.pop().stop()

    def _revive(self, service: Service) -> None:
        now = time.monotonic()
        due = self._start_again_at.get(service.name)
        if due is None:
            self._start_again_at[service.name] = now + self._note_death(service, now)
        elif now >= due:
            del self._start_again_at[service.name]
            try:
                service.start()
            except ServerError as error:
                self._say(str(error))

    def _note_death(self, service: Service, now: float) -> float:
        """Returns how long to wait before the next start: twice as long after each death of the last minute."""
        deaths = [then for then in self._deaths.get(service.name, []) if now - then < WINDOW_SECONDS] + [now]
        self._deaths[service.name] = deaths
        if len(deaths) > DEATHS_ALLOWED:
            raise ServerError(
                f"{service.name} died {len(deaths)} times within {WINDOW_SECONDS} s; giving up.\n{service.last_words()}"
            )
        pause: float = FIRST_PAUSE_SECONDS * 2 ** (len(deaths) - 1)
        self._say(f"{service.name} 已退出，{pause:g} 秒后重启。 {service.name} ended; it starts again in {pause:g} s.")
        return pause
