"""Identifiers: UUIDv7 (RFC 9562), so that rows written together lie together."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7. Order of ids is only roughly the order of time: page by a time column and the id."""
    return uuid7()
