"""Comments, and the rows that say why one is hidden.

A comment on the post itself is the root of a thread; replies, also to replies, name the root and what they answer. What
hides a root hides its thread.
"""

from dataclasses import dataclass
from datetime import datetime
from math import floor, log2
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

HOT, NEW = "hot", "new"
MOST_PRODUCTS, PREVIEWED = 3, 2
"""Goods in one comment; replies that a list shows below each comment."""


@dataclass(frozen=True, slots=True)
class GoodsNamed:
    """Goods that a comment shows."""

    product_id: UUID
    sku_id: UUID | None = None


def heat_of(likes: int, replies: int) -> int:
    """How far up a comment stands: four steps for each doubling of who liked or answered it. So coarse that its place
    seldom changes while somebody turns the pages."""
    return floor(4 * log2(1 + max(likes, 0) + max(replies, 0)))


_ORDER = ("created_at", "id")


class Comment(Model):
    """One person's words under a post. Its words are never changed.

    `counted`: of a root, how many of its thread are in the post's count now: itself and its replies, 0 while it is
    hidden.
    """

    __tablename__ = "comments_comments"
    __table_args__ = (
        CheckConstraint("(root_id IS NULL) = (parent_id IS NULL)", name="thread"),
        Index("ix_comments_comments_post", "post_id", "created_at", "id"),
        Index("ix_comments_comments_author", "author_id", "created_at", "id"),
        Index("ix_comments_comments_new", "post_id", *_ORDER, postgresql_where=text("root_id IS NULL")),
        Index("ix_comments_comments_hot", "post_id", "heat", *_ORDER, postgresql_where=text("root_id IS NULL")),
        Index("ix_comments_comments_root", "root_id", *_ORDER, postgresql_where=text("root_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts_posts.id"))
    author_id: Mapped[UUID]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    root_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments_comments.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments_comments.id"))
    heat: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    counted: Mapped[int] = mapped_column(server_default=text("1"))


class CommentProduct(Model):
    """Goods that a comment shows, with a link of its author's."""

    __tablename__ = "comments_products"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[UUID]
    link_code: Mapped[str]


class CommentPin(Model):
    """The comment that a post's author has put on top."""

    __tablename__ = "comments_pins"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts_posts.id"), primary_key=True)
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class CommentTakeDown(Model):
    """Taken down by a moderator: only its author still sees it, with the reason."""

    __tablename__ = "comments_takedowns"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"), primary_key=True)
    reason: Mapped[str]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class CommentHold(Model):
    """Waits for a moderator: only its author sees it until then."""

    __tablename__ = "comments_holds"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments_comments.id"), primary_key=True)
    reason: Mapped[str]
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
refuse_on("pk_comments_holds", 409, "held", "该评论已在审核中", "This comment is held already.")
refuse_on("pk_comments_deletions", 409, "deleted", "该评论已删除", "This comment is deleted already.")
