"""Identifiers: UUIDv7 (RFC 9562), so that rows written together lie together."""

import hashlib
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7. Order of ids is only roughly the order of time: page by a time column and the id."""
    return uuid7()


def another(one: UUID, *of: object) -> UUID:
    """The id of what was made with the form of `one`, but of something else: always the same for the same `of`."""
    words = hashlib.sha256(one.bytes + repr(of).encode()).digest()
    fixed = one.int >> 76 << 76 | 2 << 62  # the time of `one`, its version and variant
    return UUID(int=fixed | int.from_bytes(words, "big") & ((1 << 76) - 1) & ~(3 << 62))


def age_of(an_id: UUID) -> timedelta | None:
    """How long ago a UUIDv7 was made, less than nothing for one that is yet to be made; None for any other id."""
    return timedelta(milliseconds=(new_id().int >> 80) - (an_id.int >> 80)) if an_id.version == 7 else None


def lowest_id_at(moment: str) -> str:
    """SQL: the lowest UUIDv7 of a moment, itself an SQL expression. What is older lies below it in the primary key, so
    a sweep finds it without an index of its own."""
    milliseconds = f"to_hex(CAST(extract(epoch FROM {moment}) * 1000 AS bigint))"
    return f"CAST(lpad({milliseconds}, 12, '0') || repeat('0', 20) AS uuid)"
