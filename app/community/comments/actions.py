"""Verbs of comments. The count of comments on a post is of those that everybody sees."""

from collections.abc import Collection
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.community.comments.events import CommentHidden, CommentShown, CommentWritten
from app.community.comments.models import Comment, CommentDeletion, CommentTakeDown
from app.community.comments.queries import is_severed
from app.community.posts.queries import post_for, require_visible
from app.core import counters
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, forbidden, missing
from app.core.events import emit
from app.core.ids import new_id
from app.core.plain import array_of, prepared

_COMMENT = insert(cast("Table", Comment.__table__))


def write_comment(caller: Caller, post_id: UUID, body: str) -> UUID:
    """Comment on a post; answers the comment's id. Raises Refused 404 for a post that the caller may not see."""
    require_visible(caller.person, post_id)
    comment_id = new_id()
    row = {"id": comment_id, "post_id": post_id, "author_id": caller.person, "body": body}
    db.session.execute(_COMMENT, row)
    counters.add(post_id, "comments", 1)
    emit(CommentWritten(comment_id, post_id))
    return comment_id


def delete_comment(caller: Caller, comment_id: UUID) -> None:
    """Delete one's own comment, or one under one's own post.

    One's own also when its post is hidden by now. Raises Refused: 404 for one that the caller may not see, 403 for
    another's.
    """
    comment, was_visible = _locked(comment_id)
    is_own = comment.author_id == caller.person
    if not is_own and post_for(caller.person, comment.post_id).author_id != caller.person:
        raise forbidden() if was_visible else _no_comment()
    db.session.execute(insert(CommentDeletion).values(comment_id=comment_id, by_id=caller.person))
    if was_visible:
        _hide(comment)


def take_down(comment_id: UUID, reason: str, by: UUID) -> None:
    """Hide a comment from everybody but its author, who sees the reason.

    Raises Refused: 404, 409 if it is down already.
    """
    comment, was_visible = _locked(comment_id)
    row = upsert(CommentTakeDown).values(comment_id=comment_id, reason=reason, by_id=by).on_conflict_do_nothing()
    if not changed(row):
        raise Refused(409, "taken_down", "该评论已下架", "This comment is taken down already.")
    if was_visible:
        _hide(comment)


def restore(comment_id: UUID) -> None:
    """Show a comment again that was taken down; one that is gone meanwhile stays gone."""
    comment = db.session.scalar(select(Comment).where(Comment.id == comment_id).with_for_update())
    if not changed(delete(CommentTakeDown).where(CommentTakeDown.comment_id == comment_id)):
        return
    is_gone = db.session.get(CommentDeletion, comment_id) is not None or is_severed(comment_id)
    if comment is not None and not is_gone:
        counters.add(comment.post_id, "comments", 1)
        emit(CommentShown(comment_id, comment.post_id))


def sever(people: Collection[UUID], comment_ids: Collection[UUID] = ()) -> int:
    """Take the comments that these people wrote under each other's posts, and these comments, from everybody where a
    block keeps their author and the post's apart, and give back those that none does any more; answers how many.

    Readers miss them at once (queries); here they leave the count, and that is exact, however often it is done.
    """
    values = {"people": array_of(people), "ids": array_of(comment_ids)}
    hidden, shown = _SEVER.rows(**values), _REJOIN.rows(**values)
    counters.add_many([(row.post_id, "comments", -1) for row in hidden if row.is_shown])
    counters.add_many([(row.post_id, "comments", 1) for row in shown if row.is_shown])
    return len(hidden) + len(shown)


_SHOWN = (
    "NOT EXISTS (SELECT FROM comments_takedowns t WHERE t.comment_id = theirs.id)"
    " AND NOT EXISTS (SELECT FROM comments_deletions d WHERE d.comment_id = theirs.id) AS is_shown"
)
_THEIRS = (
    "WITH theirs AS (SELECT c.id, c.post_id, EXISTS (SELECT FROM social_blocks b WHERE (b.blocker_id, b.blocked_id)"
    "   IN ((c.author_id, p.author_id), (p.author_id, c.author_id))) AS is_apart"
    "  FROM comments_comments c JOIN posts_posts p ON p.id = c.post_id"
    "  WHERE c.id = ANY(CAST(:ids AS uuid[])) OR (c.author_id = ANY(CAST(:people AS uuid[]))"
    "   AND p.author_id = ANY(CAST(:people AS uuid[]))) ORDER BY c.id FOR UPDATE OF c),"
)
_SEVER = prepared(
    f"{_THEIRS} severed AS (INSERT INTO comments_severed (comment_id) SELECT id FROM theirs WHERE is_apart"
    "  ON CONFLICT DO NOTHING RETURNING comment_id)"
    f" SELECT theirs.post_id, {_SHOWN} FROM theirs JOIN severed ON severed.comment_id = theirs.id"
)
_REJOIN = prepared(
    f"{_THEIRS} rejoined AS (DELETE FROM comments_severed s USING theirs"
    "  WHERE s.comment_id = theirs.id AND NOT theirs.is_apart RETURNING s.comment_id)"
    f" SELECT theirs.post_id, {_SHOWN} FROM theirs JOIN rejoined ON rejoined.comment_id = theirs.id"
)


def _locked(comment_id: UUID) -> tuple[Comment, bool]:
    """The comment, locked until this transaction ends, and whether anything hides it. Raises Refused 404."""
    comment = db.session.scalar(select(Comment).where(Comment.id == comment_id).with_for_update())
    if comment is None or db.session.get(CommentDeletion, comment_id) is not None:
        raise _no_comment()
    return comment, db.session.get(CommentTakeDown, comment_id) is None and not is_severed(comment_id)


def _hide(comment: Comment) -> None:
    counters.add(comment.post_id, "comments", -1)
    emit(CommentHidden(comment.id, comment.post_id))


def _no_comment() -> Refused:
    return missing("评论不存在或已删除", "There is no such comment.")
