"""Rate limits by profile (RATE_LIMITS): "development" leaves room for a test client, "production" is for the open net,
"off" for measuring. Counted in Redis, in the process while Redis is away. Plain reads have none."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.core.config import BadSettings, settings
from app.core.errors import Refused
from app.core.http.request import caller

PROFILES: dict[str, dict[str, str]] = {
    "production": {
        "signup": "5/minute;30/day",
        "signin": "10/minute;100/hour",
        "refresh": "30/minute",
        "upload": "30/minute;500/day",
        "write": "120/minute",
        "order": "60/minute",
        "search": "120/minute",
        "track": "120/minute",
        "callback": "6000/minute",
    },
    "development": {
        "signup": "120/minute",
        "signin": "600/minute",
        "refresh": "600/minute",
        "upload": "600/minute",
        "write": "12000/minute",
        "order": "12000/minute",
        "search": "6000/minute",
        "track": "6000/minute",
        "callback": "60000/minute",
    },
    "off": {},
}
View = Callable[..., Any]
BY_ADDRESS = {"signup", "signin", "refresh", "callback"}


def _who() -> str:
    """A person by id; all others by address, since a guest token costs nothing."""
    try:
        person = caller().person_id
    except Refused:
        person = None
    return f"person:{person}" if person else f"ip:{get_remote_address()}"


limiter = Limiter(key_func=_who, headers_enabled=True, strategy="fixed-window", swallow_errors=True)


def limited(name: str) -> Callable[[View], View]:
    """A decorator that limits a view by the class `name` of the profile in force."""
    key = get_remote_address if name in BY_ADDRESS else _who
    decorate: Callable[[View], View] = limiter.shared_limit(
        lambda: PROFILES[settings.rate_limits].get(name, "1000000/second"),
        scope=name,
        key_func=key,
        exempt_when=lambda: settings.rate_limits == "off" or request.method == "OPTIONS",
    )
    return decorate


def init_app(app: Flask) -> None:
    if settings.rate_limits not in PROFILES:
        raise BadSettings(f"RATE_LIMITS must be one of {', '.join(PROFILES)}")
    app.config["RATELIMIT_STORAGE_URI"] = _storage(settings.redis_url)
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
        app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)


def _storage(redis_url: str) -> str:
    if not redis_url:
        return "memory://"
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix:") else redis_url
