"""Questions about what posts said before."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.community.versions.models import PostVersion
from app.core import paging
from app.core.db import db


def version_pages(post_id: UUID, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of what a post said before, the latest first, and the next cursor. One query."""
    scope = f"versions:{post_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(PostVersion).where(PostVersion.post_id == post_id)
    if place is not None:
        wanted = wanted.where(PostVersion.number < place[0])
    found = db.session.scalars(wanted.order_by(PostVersion.number.desc()).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    names = ("id", "number", "title", "body", "topics", "pictures", "until")
    items = [{"kind": "post_version", **{name: getattr(one, name) for name in names}} for one in found[:limit]]
    return items, paging.cursor(scope, [last.number]) if last else None
