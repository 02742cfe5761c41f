"""Time: UTC, aware. What expires is judged by the database's clock (`db_now`), so that all machines agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

from sqlalchemy import ColumnElement, Date, DateTime, cast, func, literal
from sqlalchemy.orm import InstrumentedAttribute

CHINA = timezone(timedelta(hours=8))
"""What people are shown: China has one time, and no summer time since 1991."""
_moved = timedelta()


def now() -> datetime:
    """This machine's time, for logs, signatures and tokens that other systems read."""
    return datetime.now(UTC) + _moved


def db_now() -> ColumnElement[datetime]:
    """SQL for the database's time at the start of the transaction (of the statement, where there is none)."""
    stamp: ColumnElement[datetime] = func.now(type_=DateTime(timezone=True))
    return stamp + literal(_moved) if _moved else stamp


def ahead() -> timedelta:
    """How far somebody has moved the clocks; for SQL that is written as text: `now() + :ahead`."""
    return _moved


@contextmanager
def moved(**by: float) -> Iterator[None]:
    """Both clocks go ahead by `timedelta(**by)` inside the block, in this process: for tests, and for the demo town,
    which has a past. Never where others work in the same process."""
    global _moved
    before, _moved = _moved, _moved + timedelta(**by)
    try:
        yield
    finally:
        _moved = before


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, microseconds kept."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def in_china(moment: datetime | str) -> str:
    """A moment, or its ISO 8601 text, for people: "2026-11-23 10:05"."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{found.astimezone(CHINA):%Y-%m-%d %H:%M}"


def china_days(last: int) -> list[date]:
    """The last so many days by the calendar of China, today's at the end."""
    today = now().astimezone(CHINA).date()
    return [today - timedelta(days=back) for back in reversed(range(last))]


def china_day(moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]) -> ColumnElement[date]:
    """SQL for the day of a time by the calendar of China."""
    return cast(func.timezone("UTC", moment) + timedelta(hours=8), Date)


def day_began(day: date) -> datetime:
    """When a day of China began."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
