"""Somebody comments on a post of mine: each comment is a notice of its own, since one answers it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.community.comments.events import CommentHidden, CommentShown, CommentWritten
from app.community.comments.models import Comment
from app.community.comments.queries import visible_in_thread
from app.community.posts.events import PostHidden
from app.community.posts.models import Post
from app.community.posts.queries import is_deleted, posts_visible_to
from app.core.caller import PERSON, Ref
from app.core.db import db
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import COMMENTS

EXCERPT = 60


def comments_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """Comments lead to their posts; their beginning is the note. One query."""
    asked = select(Comment.id, Comment.body, Post.id.label("post_id"), Post.title).join(
        Post, Post.id == Comment.post_id
    )
    rows = db.session.execute(asked.where(Comment.id.in_(ids), visible_in_thread(), posts_visible_to(viewer_id)))
    return {row.id: Seen(Ref("post", row.post_id), row.title, _excerpt(row.body)) for row in rows}


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"


class CommentKind(Kind):
    name = "comment"
    tab = COMMENTS
    called = {"zh": "评论", "en": "Comments"}
    zh = "{who}评论了你的笔记：{note}"
    en = "{who} commented on your post: {note}"
    is_of_people = True
    facts = (CommentWritten, CommentHidden, CommentShown, PostHidden)
    look = staticmethod(comments_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.comment_id, None) for one in facts if not isinstance(one, PostHidden)}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Post.author_id, Comment.id, Comment.author_id, Comment.created_at).where(
            Comment.id.in_([one.target_id for one in keys]),
            visible_in_thread(),
            Post.id == Comment.post_id,
            Post.author_kind == PERSON,
            ~is_deleted(),
        )
        return told_by(asked)

    def subjects(self, facts: Sequence[Any]) -> set[UUID]:
        return {one.post_id for one in facts if isinstance(one, PostHidden)}

    def gone(self, subjects: Collection[UUID]) -> Select[UUID]:
        return select(Comment.id).join(Post, Post.id == Comment.post_id).where(Post.id.in_(subjects), is_deleted())


kind = CommentKind()
