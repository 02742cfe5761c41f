"""Somebody likes a post of mine."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from app.community.posts.events import PostHidden
from app.community.posts.models import Post, PostTakeDown
from app.community.posts.queries import is_deleted, posts_visible_to
from app.community.reactions.events import PostLiked, PostUnliked
from app.community.reactions.models import LIKE, Reaction
from app.core.caller import PERSON, Ref
from app.core.db import db
from app.core.events import Fact
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import REACTIONS


def posts_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """Posts by their titles, and, to their author, why one is taken down. One query."""
    asked = select(Post.id, Post.title, PostTakeDown.reason).where(Post.id.in_(ids), posts_visible_to(viewer_id))
    rows = db.session.execute(asked.outerjoin(PostTakeDown, PostTakeDown.post_id == Post.id))
    return {row.id: Seen(Ref("post", row.id), row.title, row.reason or "") for row in rows}


class LikeKind(Kind):
    name = "like"
    tab = REACTIONS
    called = {"zh": "赞", "en": "Likes"}
    zh = "{who}赞了你的笔记"
    en = "{who} liked your post"
    is_of_people = True
    facts: tuple[type[Fact], ...] = (PostLiked, PostUnliked, PostHidden)
    reaction = LIKE
    look = staticmethod(posts_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.post_id, one.person_id) for one in facts if not isinstance(one, PostHidden)}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Post.author_id, Post.id, Reaction.person_id, Reaction.at).where(
            tuple_(Reaction.subject_id, Reaction.person_id).in_(keys),
            Reaction.name == self.reaction,
            Post.id == Reaction.subject_id,
            Post.author_kind == PERSON,
            ~is_deleted(),
        )
        return told_by(asked)

    def subjects(self, facts: Sequence[Any]) -> set[UUID]:
        return {one.post_id for one in facts if isinstance(one, PostHidden)}

    def gone(self, subjects: Collection[UUID]) -> Select[UUID]:
        """A post that is hidden its author still sees, and reads of; a deleted one nobody does."""
        return select(Post.id).where(Post.id.in_(subjects), is_deleted())


kind = LikeKind()
