"""Redis as a hint: holds only what can be rebuilt. Away, frozen or flushed, it costs time, never an answer.

After a failure Redis is left alone for 5 s, so a frozen one delays one call in a while, not each.
"""

import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any, cast

import redis
import structlog

from app.core.config import settings
from app.core.observability import health_part

REST_SECONDS = 5.0
PATIENCE_SECONDS = 0.25

log = structlog.get_logger("cache")


class _Kept:
    """A thread's own connection. It goes back to the pool with the thread: a pool has no more than 100."""

    def __init__(self, client: redis.Redis, connection: Any) -> None:
        self.client, self.connection = client, connection

    def __del__(self) -> None:
        self.client.connection_pool.release(self.connection)


class Cache:
    """Get, set and count by key; every call answers as if empty while Redis is away."""

    def __init__(self) -> None:
        self._client: redis.Redis | None = None
        self._url = ""
        self._rest_until = 0.0
        self._owed: set[str] = set()
        self._lock = threading.Lock()
        self._kept = threading.local()

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values in the order of `keys`, None for what is not there."""
        client = self._ready()
        if client is None:
            return [None] * len(keys)
        try:
            return self._asked(client, keys)
        except (redis.RedisError, OSError) as error:
            self._rest(error)
            return [None] * len(keys)

    def put(self, key: str, value: bytes | str, seconds: int) -> None:
        client = self._ready()
        if client is None:
            return
        try:
            client.set(key, value, ex=seconds)
        except (redis.RedisError, OSError) as error:
            self._rest(error)

    def begin_version(self, key: str) -> bytes | None:
        """Give `key`, which was not there, a value that it never had; None if that fails or another was quicker."""
        client = self._ready()
        value = secrets.token_hex(8)
        try:
            return value.encode() if client is not None and client.set(key, value, nx=True) else None
        except (redis.RedisError, OSError) as error:
            self._rest(error)
            return None

    def drop_version(self, key: str) -> bool:
        """Delete `key`, which a full Redis takes too; False while Redis is away.

        It is tried even in the time of rest, and what fails is owed: paid before this process reads from Redis again.
        Other processes may see Redis back a few seconds earlier, and must not believe what was signed out meanwhile.
        """
        if not settings.redis_url:
            return False
        self._owed.add(key)
        return self._pay(self._connected())

    def flush(self) -> None:
        """Empty Redis; nothing may be lost by it."""
        client = self._ready()
        if client is not None:
            client.flushdb()

    def ping(self) -> str:
        """Raises while Redis is away; asks it even in its time of rest."""
        if not settings.redis_url:
            return "not configured"
        self._connected().ping()
        return "ok"

    def _asked(self, client: redis.Redis, keys: Sequence[str]) -> list[bytes | None]:
        """MGET on a connection that this thread keeps. Each signed-in request asks; `client.mget`, which takes one from
        the pool and looks first whether it still holds, costs three times the processor."""
        kept: _Kept | None = getattr(self._kept, "own", None)
        if kept is None or kept.client is not client:
            kept = self._kept.own = _Kept(client, client.connection_pool.get_connection())
        try:
            return _mget(kept.connection, keys)
        except redis.ConnectionError:
            return _mget(kept.connection, keys)  # Redis was restarted, and has closed it: it is opened anew

    def _ready(self) -> redis.Redis | None:
        if not settings.redis_url or time.monotonic() < self._rest_until:
            return None
        client = self._connected()
        return client if not self._owed or self._pay(client) else None

    def _pay(self, client: redis.Redis) -> bool:
        for key in tuple(self._owed):
            try:
                client.delete(key)
            except (redis.RedisError, OSError) as error:
                self._rest(error)
                return False
            self._owed.discard(key)
        return True

    def _connected(self) -> redis.Redis:
        with self._lock:
            if self._client is None or self._url != settings.redis_url:
                self._url = settings.redis_url
                self._client = redis.Redis.from_url(
                    self._url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS, retry=None
                )
            return self._client

    def _rest(self, error: Exception) -> None:
        self._rest_until = time.monotonic() + REST_SECONDS
        log.warning("redis_away", error=type(error).__name__)


def _mget(connection: Any, keys: Sequence[str]) -> list[bytes | None]:
    """Of one redis.Connection, whose methods have no types."""
    try:
        connection.send_command("MGET", *keys)
        return cast("list[bytes | None]", connection.read_response())
    except BaseException:
        connection.disconnect()  # else whoever asks next would read this answer
        raise


cache = Cache()


@health_part("redis", vital=False)
def _redis_is_well() -> str:
    return cache.ping()
