"""Logs, metrics, health. Rooms add their parts to the health register with `@health_part`."""

import logging
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from prometheus_client import Counter, Gauge, Histogram

from app.core.config import settings

REQUESTS = Histogram(
    "http_request_seconds",
    "Time of a request by door",
    ["door", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
REFUSALS = Counter("http_refusals_total", "Refused requests by code", ["code"])
FACTS = Counter("facts_total", "Facts told to a listener", ["listener", "outcome"])
SWEEPS = Counter("sweeps_total", "Sweeps run", ["sweep", "outcome"])
OLDEST_WRITER = Gauge(
    "oldest_writer_seconds",
    "Age of the oldest open writing transaction; it holds up all listeners",
    multiprocess_mode="mostrecent",
)
LISTENER_LAG = Gauge(
    "listener_lag_seconds",
    "Age of the oldest fact that a listener has not heard",
    ["listener"],
    multiprocess_mode="mostrecent",
)
ASKED_BY: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; stands on each line of the log."""
SECURITY = Counter("security_events_total", "Refused signatures, re-used tokens and the like", ["what"])


@dataclass(frozen=True)
class Part:
    """One part of the system and whether it is well. A part that is not vital does not make the system unready."""

    name: str
    vital: bool
    check: Callable[[], str]


class Unwell(Exception):
    """Raised by the check of a part that answers and is not well; its words are shown to operators."""


_parts: dict[str, Part] = {}


def health_part(name: str, *, vital: bool) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Register a check that answers a short word of how the part is, or raises if it is away, or Unwell."""

    def register(check: Callable[[], str]) -> Callable[[], str]:
        _parts[name] = Part(name, vital, check)
        return check

    return register


def health(only_vital: bool = False) -> tuple[bool, dict[str, dict[str, object]]]:
    """Whether the system is ready, and each part with its state and the milliseconds that asking took."""
    ready, found = True, {}
    for part in _parts.values():
        if only_vital and not part.vital:
            continue
        started = time.perf_counter()
        try:
            state, well = part.check(), True
        except Unwell as unwell:
            state, well = str(unwell), False
        except Exception as error:
            state, well = f"away: {type(error).__name__}", False
        ready = ready and (well or not part.vital)
        found[part.name] = {"well": well, "state": state, "ms": round((time.perf_counter() - started) * 1000, 1)}
    return ready, found


def set_up_logs() -> None:
    """Structured logs on standard error: JSON in production, readable lines elsewhere."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    logging.basicConfig(stream=sys.stderr, level=max(level, logging.WARNING), format="%(message)s")
    shape: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.is_production else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _with_request_id(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    asked_by = ASKED_BY.get()
    if asked_by is not None:
        event.setdefault("request_id", asked_by)
    return event


def security_event(what: str, **details: object) -> None:
    """A line of the security log (ASVS V16): what was tried; never the secret itself."""
    SECURITY.labels(what).inc()
    structlog.get_logger("security").warning(what, **details)
