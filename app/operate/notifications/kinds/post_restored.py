"""A post of mine that was taken down is back."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, func, select

from app.community.posts.models import Post, PostLog, PostTakeDown
from app.community.posts.queries import is_deleted
from app.core.caller import PERSON
from app.operate.notifications.kinds.base import Happening, Key, told_by
from app.operate.notifications.kinds.post_taken_down import PostTakenDownKind

RESTORED = "restored"
"""As posts' log says it."""


class PostRestoredKind(PostTakenDownKind):
    name = "post_restored"
    called = {"zh": "笔记恢复", "en": "Posts restored"}
    zh = "你的笔记「{title}」已恢复展示"
    en = "Your post “{title}” is shown again"

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        is_down = exists().where(PostTakeDown.post_id == Post.id).correlate(Post)
        asked = select(Post.author_id, Post.id, Post.id, func.max(PostLog.at)).join(PostLog, PostLog.post_id == Post.id)
        mine = (Post.id.in_([one.target_id for one in keys]), Post.author_kind == PERSON, ~is_deleted(), ~is_down)
        return told_by(asked.where(*mine, PostLog.after == RESTORED).group_by(Post.id, Post.author_id))


kind = PostRestoredKind()
