"""Rate limits by profile (RATE_LIMITS): "development" leaves room for a test client, "production" is for the open net,
"off" for measuring. Counted in Redis, in the process while Redis is away. Plain reads have none, and pay nothing.
"""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem
from limits.strategies import STRATEGIES, FixedWindowRateLimiter
from limits.util import WindowStats

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
        "page": "1200/minute",
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
        "page": "60000/minute",
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


class ClockWindow(FixedWindowRateLimiter):
    """Fixed windows that begin and end by the clock, so that a request costs one call of the storage: when a window
    ends is known, and how many are left follows from the count that `hit` answers. (The library's own asks thrice.)"""

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        key = item.key_for(*identifiers)
        ends = _end_of_window(item)
        count = self.storage.incr(f"{key}/{ends}", item.get_expiry(), amount=cost)
        g.setdefault("windows", {})[key] = WindowStats(ends, max(0, item.amount - count))
        return count <= item.amount

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """Of the hit in this request, also when its window has ended meanwhile."""
        known: WindowStats | None = g.get("windows", {}).get(item.key_for(*identifiers))
        return known or WindowStats(_end_of_window(item), item.amount)


def _end_of_window(item: RateLimitItem) -> int:
    """When the window of this moment ends, in Unix time."""
    length = item.get_expiry()
    return (now() // length + 1) * length


def now() -> int:
    """Unix time in whole seconds; tests stop it, since a window may end at any moment."""
    return int(time.time())


STRATEGIES["clock-window"] = ClockWindow
limiter = Limiter(key_func=_who, strategy="clock-window", swallow_errors=True)


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
    # Its own hooks look at every request for limits of the whole app, of which there are none: the decorated doors
    # check themselves. It puts no hooks on an app where it finds itself.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    """How many requests are left, and from when on there are more (draft-ietf-httpapi-ratelimit-headers)."""
    current = limiter.current_limit if "windows" in g else None
    if current is not None:
        response.headers["X-RateLimit-Limit"] = str(current.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(current.remaining)
        response.headers["X-RateLimit-Reset"] = str(current.reset_at)
        if response.status_code == 429:
            response.headers["Retry-After"] = str(max(1, current.reset_at - now()))
    return response


def _storage(redis_url: str) -> str:
    if not redis_url:
        return "memory://"
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix:") else redis_url
