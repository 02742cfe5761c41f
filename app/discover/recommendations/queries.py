"""Questions about what may count as a view."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.posts.models import Post
from app.community.posts.queries import visible_posts
from app.core.caller import Caller
from app.core.db import db


def posts_that_count(caller: Caller, post_ids: Collection[UUID]) -> set[UUID]:
    """Those of the posts that are open to everybody and not the caller's own."""
    asked = select(Post.id).where(Post.id.in_(post_ids), visible_posts())
    if caller.person_id is not None:
        asked = asked.where(Post.written_by != caller.person_id, Post.author_id != caller.person_id)
    return set(db.session.scalars(asked))
