"""Comments, and the rows that say why one is hidden."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id


class Comment(Model):
    """One person's words under a post. Never changed."""

    __tablename__ = "comments_comments"
    __table_args__ = (
        Index("ix_comments_comments_post", "post_id", "created_at", "id"),
        Index("ix_comments_comments_author", "author_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts_posts.id"))
    author_id: Mapped[UUID]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CommentTakeDown(Model):
    """Taken down by a moderator: only its author still sees it, with the reason."""

    __tablename__ = "comments_takedowns"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"), primary_key=True)
    reason: Mapped[str]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class CommentSevered(Model):
    """Hidden from everybody, since a block keeps its author and the post's apart; kept so that the count is exact."""

    __tablename__ = "comments_severed"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class CommentDeletion(Model):
    """Deleted by its author or by the author of the post."""

    __tablename__ = "comments_deletions"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"), primary_key=True)
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on("pk_comments_takedowns", 409, "taken_down", "该评论已下架", "This comment is taken down already.")
refuse_on("pk_comments_deletions", 409, "deleted", "该评论已删除", "This comment is deleted already.")
