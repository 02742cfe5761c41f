"""A post of mine waits for a moderator; gone again once he has looked."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select

from app.community.posts.events import PostHidden, PostPublished, PostShown, PostSubmitted
from app.community.posts.models import HELD, Post, PostLog
from app.community.posts.queries import is_deleted
from app.core.caller import PERSON
from app.operate.notifications.kinds.base import Happening, Key, told_by
from app.operate.notifications.kinds.post_taken_down import PostTakenDownKind


class PostHeldKind(PostTakenDownKind):
    name = "post_held"
    called = {"zh": "笔记审核", "en": "Posts held"}
    zh = "你的笔记「{title}」正在审核，通过后会展示"
    en = "Your post “{title}” is looked at before it is shown"
    facts: tuple[type[Any], ...] = (PostSubmitted, PostPublished, PostShown, PostHidden)

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Post.author_id, Post.id, Post.id, func.max(PostLog.at)).join(PostLog, PostLog.post_id == Post.id)
        mine = (Post.id.in_([one.target_id for one in keys]), Post.author_kind == PERSON, ~is_deleted())
        held = (Post.state == HELD, PostLog.after == HELD)
        return told_by(asked.where(*mine, *held).group_by(Post.id, Post.author_id))


kind = PostHeldKind()
