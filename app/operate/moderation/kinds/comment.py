"""Comments."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.comments import actions
from app.community.comments.models import Comment, CommentDeletion, CommentTakeDown
from app.core.db import db
from app.operate.moderation.kinds import base
from app.operate.moderation.kinds.base import Kind, Thing
from app.people.accounts.queries import author_cards


class CommentKind(Kind):
    name = "comment"
    owner = actions

    def author(self, subject_id: UUID) -> UUID | None:
        return db.session.scalar(select(Comment.author_id).where(Comment.id == subject_id))

    def shown(self, ids: Collection[UUID]) -> dict[UUID, Thing]:
        """2 queries."""
        if not ids:
            return {}
        asked = select(Comment, CommentTakeDown.at, CommentDeletion.at).where(Comment.id.in_(ids))
        asked = asked.outerjoin(CommentTakeDown, CommentTakeDown.comment_id == Comment.id)
        rows = db.session.execute(asked.outerjoin(CommentDeletion, CommentDeletion.comment_id == Comment.id)).all()
        authors = author_cards({row[0].author_id for row in rows})
        return {
            one.id: Thing(
                kind="comment",
                id=one.id,
                title="",
                body=one.body,
                state=base.GONE if deleted else base.DOWN if down else base.OPEN,
                at=one.created_at,
                author=authors.get(one.author_id),
            )
            for one, down, deleted in rows
        }


kind = CommentKind()
