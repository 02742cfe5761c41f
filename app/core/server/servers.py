"""Both servers at once, for tests and other short-lived work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.server.postgres import EmbeddedPostgres
from app.core.server.redis import EmbeddedRedis
from app.core.server.secrets import load_secrets


@dataclass(frozen=True)
class Servers:
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    database_url: str
    redis_url: str


@contextmanager
def servers(folder: Path, durable: bool = False) -> Iterator[Servers]:
    """PostgreSQL and Redis in `folder`, running inside the with block, gone after it. Enter it in the main thread."""
    folder.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(folder / "postgres", load_secrets(folder, {})["EMBEDDED_DATABASE_PASSWORD"], durable)
    redis = EmbeddedRedis(folder / "redis")
    try:
        yield Servers(postgres, redis, postgres.start(), redis.start())
    finally:
        redis.stop()
        postgres.stop()
