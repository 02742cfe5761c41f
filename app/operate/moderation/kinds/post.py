"""Posts."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.posts import actions
from app.community.posts.models import HELD, Parts, Post, PostDeletion, PostTakeDown
from app.community.posts.queries import parts_of, visible_posts
from app.core.db import db
from app.operate.moderation.kinds import base
from app.operate.moderation.kinds.base import Kind, Thing
from app.people.uploads.queries import picture


class PostKind(Kind):
    name = "post"
    owner = actions

    def approve(self, ids: Collection[UUID]) -> None:
        held = select(Post.id).where(Post.id.in_(ids), Post.state == HELD)
        for one in db.session.scalars(held.order_by(Post.id)).all():
            actions.approve(one)

    def author(self, subject_id: UUID) -> UUID | None:
        return db.session.scalar(select(Post.author_id).where(Post.id == subject_id))

    def shown(self, ids: Collection[UUID]) -> dict[UUID, Thing]:
        """5 queries."""
        if not ids:
            return {}
        asked = select(Post, visible_posts(), PostTakeDown.at, PostDeletion.at).where(Post.id.in_(ids))
        asked = asked.outerjoin(PostTakeDown, PostTakeDown.post_id == Post.id)
        rows = db.session.execute(asked.outerjoin(PostDeletion, PostDeletion.post_id == Post.id)).all()
        parts = parts_of([row[0] for row in rows])
        return {row[0].id: _thing(row[0], parts[row[0].id], _state(*row)) for row in rows}


def _state(post: Post, is_open: bool, down: object, deleted: object) -> str:
    if is_open:
        return base.OPEN
    if deleted or down:
        return base.GONE if deleted else base.DOWN
    return base.HELD if post.state == HELD else base.PRIVATE


def _thing(post: Post, parts: Parts, state: str) -> Thing:
    return Thing(
        kind="post",
        id=post.id,
        title=post.title,
        body=post.body,
        state=state,
        at=post.created_at,
        author=parts.author,
        pictures=tuple(picture(one, "card", signed=state != base.OPEN) for one in parts.pictures),
        goods=tuple((tag.title or "", f"/l/{tag.link_code}") for tag in parts.tags),
        rating=post.rating,
        edited_at=post.edited_at,
        was_open=post.published_at is not None,
    )


kind = PostKind()
