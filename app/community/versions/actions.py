"""Keeping what a post said."""

from collections.abc import Sequence
from uuid import UUID

from app.core.plain import prepared


def keep_version(post_id: UUID, title: str, body: str, topics: Sequence[str], pictures: int) -> None:
    """Keep what a post says before it is edited. Whoever calls holds the post's row, so that numbers have no gaps."""
    told = {"title": title, "body": body, "topics": list(topics), "pictures": pictures}
    _KEEP.changed(post_id=post_id, **told)


_KEEP = prepared(
    "INSERT INTO versions_versions (id, post_id, number, title, body, topics, pictures)"
    " SELECT uuidv7(), CAST(:post_id AS uuid), coalesce(max(number), 0) + 1, CAST(:title AS text), CAST(:body AS text),"
    "  CAST(:topics AS text[]), CAST(:pictures AS bigint) FROM versions_versions WHERE post_id = CAST(:post_id AS uuid)"
)
