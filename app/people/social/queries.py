"""Questions about following, and the page of a person."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.core import counters
from app.core.db import db
from app.people.accounts.queries import profile_or_missing
from app.people.social.models import Follow

COUNTS = ("followers", "following", "posts")


def followed_among(viewer_id: UUID | None, ids: Collection[UUID]) -> set[UUID]:
    """Those of `ids` whom the viewer follows; nobody for a stranger. At most one query."""
    if viewer_id is None or not ids:
        return set()
    return set(db.session.scalars(followed_ids_query(viewer_id).where(Follow.followed_id.in_(set(ids)))))


def followed_ids_query(viewer_id: UUID) -> Select[UUID]:
    """SQL for the ids of all whom the viewer follows; for joins, `in_()` and lateral subqueries."""
    return select(Follow.followed_id).where(Follow.follower_id == viewer_id)


def person_page(viewer_id: UUID | None, person_id: UUID) -> dict[str, Any]:
    """What everybody sees of a person, and whether the viewer follows him. Three queries. Raises Refused 404."""
    profile = profile_or_missing(person_id)
    counts = counters.of([person_id]).get(person_id, {})
    return {
        **profile,
        "counts": {name: counts.get(name, 0) for name in COUNTS},
        "viewer": {"following": bool(followed_among(viewer_id, [person_id]))},
    }
