"""Posts, and the rows that say why one is hidden.

A post is *open* (everybody may see it) while it is published, public, not taken down and not deleted; it is *shared*
while all that is so but that only its author's friends may see it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Uuid,
    case,
    exists,
    func,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.community.declarations.models import NONE
from app.community.tags.models import Tag
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.people.accounts.queries import AuthorCard
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture

NOTE, REVIEW = "note", "review"
PUBLIC, FRIENDS, PRIVATE = "public", "friends", "private"
VISIBILITIES = (PUBLIC, FRIENDS, PRIVATE)
"""Everybody; those whom the author follows and who follow him; the author alone."""
SUBMITTED, PUBLISHED, HELD = "submitted", "published", "held"


class Post(Model):
    """A note or a review. `card` and `page` are ready JSON kept by the writer (queries.py); None: to be made."""

    __tablename__ = "posts_posts"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'review')", name="kind"),
        CheckConstraint("visibility IN ('public', 'friends', 'private')", name="visibility"),
        CheckConstraint("declared IN ('none', 'commission', 'gift', 'paid', 'own_goods')", name="declared"),
        CheckConstraint("state IN ('submitted', 'published', 'held')", name="state"),
        CheckConstraint("(rating IS NOT NULL) = (kind = 'review') AND rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_posts_posts_author_created", "author_id", "created_at", "id"),
        Index(
            "ix_posts_posts_published",
            "published_at",
            "id",
            postgresql_where=text("visibility = 'public' AND state = 'published'"),
        ),
        Index(
            "ix_posts_posts_author_shared",
            "author_id",
            "published_at",
            "id",
            postgresql_where=text("visibility IN ('public', 'friends') AND state = 'published'"),
        ),
        Index("ix_posts_posts_no_card", "id", postgresql_where=text("card IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    author_kind: Mapped[str]
    author_id: Mapped[UUID]
    written_by: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    visibility: Mapped[str]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(default=SUBMITTED)
    review_id: Mapped[UUID | None]
    pictures: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """Its uploads in the author's order; the first is the cover."""
    declared: Mapped[str] = mapped_column(server_default=NONE)
    comments_off: Mapped[bool] = mapped_column(server_default=text("false"))
    card: Mapped[bytes | None] = mapped_column(LargeBinary)
    page: Mapped[bytes | None] = mapped_column(LargeBinary)
    published_at: Mapped[datetime | None]
    """When others first saw it; None: never yet."""
    edited_at: Mapped[datetime | None]
    """When it was last edited after others had seen it."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @classmethod
    def edited_now(cls) -> ColumnElement[datetime | None]:
        """SQL: the edited_at of a post that is edited now. It stays as it was while only the author has seen the post:
        while it never was open, nor held, which is when a moderator looks at it and says yes to what he saw."""
        was_held = exists().where(PostLog.post_id == cls.id, PostLog.after == HELD).correlate(cls)
        return case((or_(cls.published_at.is_not(None), was_held), func.now()), else_=cls.edited_at)


class PostTakeDown(Model):
    """Taken down by a moderator: only its author still sees it, with the reason."""

    __tablename__ = "posts_takedowns"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts_posts.id"), primary_key=True)
    reason: Mapped[str]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class PostDeletion(Model):
    """Deleted by its author: gone for everybody."""

    __tablename__ = "posts_deletions"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts_posts.id"), primary_key=True)
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class PostLog(Model):
    """Every change of a post's state: who, from what, to what, why. `who_id` is None for the house itself."""

    __tablename__ = "posts_log"
    __table_args__ = (Index("ix_posts_log_post", "post_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    post_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass
class Parts:
    """What belongs to a post: its author, pictures and tags in order, and the names of its topics."""

    author: AuthorCard | None = None
    pictures: list[Upload] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Fragments:
    """JSON of a post: `card` opens an object and does not close it, `page` is bare members."""

    card: bytes
    page: bytes


def fragments_of(post: Post, parts: Parts, signed: bool = False) -> Fragments:
    """The ready JSON of a post. `signed`: its pictures are not public, so their URLs are signed and pass."""
    card = {
        "id": post.id,
        "kind": post.kind,
        "title": post.title,
        "cover": picture(parts.pictures[0], "card", signed) if parts.pictures else None,
        "author": parts.author,
        "tags": [tag.shown() for tag in parts.tags if tag.title is not None],
    }
    pictures = [{"id": one.id, **picture(one, "full", signed)} for one in parts.pictures]
    page = {"pictures": pictures, "topics": parts.topics}
    return Fragments(orjson.dumps(card)[:-1], orjson.dumps(page)[1:-1])


refuse_on("pk_posts_posts", 409, "made_already", "该内容已提交", "This post was sent already.")
refuse_on("pk_posts_takedowns", 409, "taken_down", "该内容已下架", "This post is taken down already.")
refuse_on("pk_posts_deletions", 409, "deleted", "该内容已删除", "This post is deleted already.")
