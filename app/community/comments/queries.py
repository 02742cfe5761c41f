"""Questions about comments."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, tuple_

from app.community.comments.models import Comment, CommentDeletion, CommentSevered, CommentTakeDown
from app.community.posts.models import Post
from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.people.accounts.queries import AuthorCard, author_cards
from app.people.social.queries import are_near


def visible_comments() -> ColumnElement[bool]:
    """SQL: nothing hides the comment itself; its post is another question. For a WHERE with Comment."""
    return and_(~exists().where(CommentTakeDown.comment_id == Comment.id).correlate(Comment), ~_deleted())


def comment_pages(
    viewer_id: UUID | None, post_id: UUID, limit: int, cursor: str | None
) -> tuple[list[bytes], str | None]:
    """A page of a post's comments as JSON, newest first, and the next cursor. 2 queries.

    A comment that is taken down is shown to its author only. One whose author and the post's, or the viewer, are kept
    apart by a block is shown to nobody, or not to the viewer.
    """
    scope = f"comments:{post_id}"
    after = paging.values_of(scope, cursor)
    author = select(Post.author_id).where(Post.id == post_id).scalar_subquery()
    wanted = _read(Comment.post_id == post_id, _visible_to(viewer_id), are_near(author, Comment.author_id))
    wanted = wanted.order_by(Comment.created_at.desc(), Comment.id.desc())
    if after is not None:
        place = (literal(datetime.fromisoformat(after[0])), literal(UUID(after[1])))
        wanted = wanted.where(tuple_(Comment.created_at, Comment.id) < tuple_(*place))
    rows = db.session.execute(wanted.limit(limit + 1)).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    authors = author_cards({row[0].author_id for row in rows[:limit]})
    return (
        [_shown(row[0], row[1], authors) for row in rows[:limit]],
        paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None,
    )


def comment_page(comment_id: UUID) -> bytes:
    """One comment as JSON, whoever asks. 2 queries."""
    comment, takedown = db.session.execute(_read(Comment.id == comment_id)).one()
    return _shown(comment, takedown, author_cards([comment.author_id]))


def _deleted() -> ColumnElement[bool]:
    return exists().where(CommentDeletion.comment_id == Comment.id).correlate(Comment)


def _visible_to(viewer_id: UUID | None) -> ColumnElement[bool]:
    if viewer_id is None:
        return visible_comments()
    theirs = and_(visible_comments(), are_near(literal(viewer_id), Comment.author_id))
    return and_(~_deleted(), or_(theirs, Comment.author_id == viewer_id))


def is_severed(comment_id: UUID) -> bool:
    """Whether a block between its author and the post's has taken the comment from everybody."""
    return db.session.get(CommentSevered, comment_id) is not None


def _read(*where: ColumnElement[bool]) -> Select[Comment, CommentTakeDown | None]:
    wanted = select(Comment, CommentTakeDown)
    return wanted.outerjoin(CommentTakeDown, CommentTakeDown.comment_id == Comment.id).where(*where)


def _shown(comment: Comment, takedown: CommentTakeDown | None, authors: Mapping[UUID, AuthorCard]) -> bytes:
    return orjson.dumps(
        {
            "id": comment.id,
            "kind": "comment",
            "post_id": comment.post_id,
            "body": comment.body,
            "author": authors.get(comment.author_id),
            "created_at": iso(comment.created_at),
            "takedown": {"reason": takedown.reason, "at": iso(takedown.at)} if takedown else None,
        }
    )
