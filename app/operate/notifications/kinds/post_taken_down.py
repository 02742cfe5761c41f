"""A post of mine was taken down, and why; gone again once it is back."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from app.community.posts.events import PostHidden, PostShown
from app.community.posts.models import Post, PostTakeDown
from app.community.posts.queries import is_deleted
from app.core.caller import PERSON
from app.operate.notifications.kinds.base import Happening, Key, Kind, told_by
from app.operate.notifications.kinds.like import posts_seen
from app.operate.notifications.models import SYSTEM


class PostTakenDownKind(Kind):
    name = "post_taken_down"
    tab = SYSTEM
    called = {"zh": "笔记下架", "en": "Posts taken down"}
    zh = "你的笔记「{title}」已被下架：{note}"
    en = "Your post “{title}” was taken down: {note}"
    facts: tuple[type[Any], ...] = (PostHidden, PostShown)
    look = staticmethod(posts_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.post_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Post.author_id, Post.id, Post.id, PostTakeDown.at).join(
            PostTakeDown, PostTakeDown.post_id == Post.id
        )
        mine = (Post.id.in_([one.target_id for one in keys]), Post.author_kind == PERSON, ~is_deleted())
        return told_by(asked.where(*mine))


kind = PostTakenDownKind()
