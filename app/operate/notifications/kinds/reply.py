"""Somebody answers a comment of mine: each answer is a notice of its own. Under my own post it is told as a comment."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.community.comments.models import Comment
from app.community.comments.queries import visible_in_thread
from app.community.posts.models import Post
from app.community.posts.queries import is_deleted
from app.operate.notifications.kinds.base import Happening, Key, told_by
from app.operate.notifications.kinds.comment import CommentKind


class ReplyKind(CommentKind):
    name = "reply"
    called = {"zh": "回复", "en": "Replies"}
    zh = "{who}回复了你的评论：{note}"
    en = "{who} answered your comment: {note}"

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        answered = aliased(Comment)
        asked = select(answered.author_id, Comment.id, Comment.author_id, Comment.created_at).where(
            Comment.id.in_([one.target_id for one in keys]),
            visible_in_thread(),
            answered.id == Comment.parent_id,
            Post.id == Comment.post_id,
            Post.author_id != answered.author_id,
            ~is_deleted(),
        )
        return told_by(asked)


kind = ReplyKind()
