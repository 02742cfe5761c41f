"""Identifiers: UUIDv7 (RFC 9562), so that rows written together lie together."""

from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7. Order of ids is only roughly the order of time: page by a time column and the id."""
    return uuid7()


def age_of(an_id: UUID) -> timedelta | None:
    """How long ago a UUIDv7 was made, less than nothing for one that is yet to be made; None for any other id."""
    return timedelta(milliseconds=(new_id().int >> 80) - (an_id.int >> 80)) if an_id.version == 7 else None


def lowest_id_at(moment: str) -> str:
    """SQL: the lowest UUIDv7 of a moment, itself an SQL expression. What is older lies below it in the primary key, so
    a sweep finds it without an index of its own."""
    milliseconds = f"to_hex(CAST(extract(epoch FROM {moment}) * 1000 AS bigint))"
    return f"CAST(lpad({milliseconds}, 12, '0') || repeat('0', 20) AS uuid)"
