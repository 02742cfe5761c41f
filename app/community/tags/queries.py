"""Questions about tags."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.tags.models import Tag
from app.core.db import db


def tags_of(post_ids: Collection[UUID]) -> dict[UUID, list[Tag]]:
    """The tags of each of these posts in their order. One query."""
    found: dict[UUID, list[Tag]] = defaultdict(list)
    if post_ids:
        wanted = select(Tag).where(Tag.post_id.in_(post_ids)).order_by(Tag.post_id, Tag.position)
        for tag in db.session.scalars(wanted.execution_options(populate_existing=True)):
            found[tag.post_id].append(tag)
    return found


def tagged_products(post_id: UUID) -> set[UUID]:
    """The products tagged in a post."""
    return set(db.session.scalars(select(Tag.product_id).where(Tag.post_id == post_id)))
