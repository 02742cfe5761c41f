"""Somebody likes a comment of mine."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from app.community.comments.events import CommentHidden, CommentLiked, CommentUnliked
from app.community.comments.models import Comment, CommentDeletion
from app.community.comments.queries import visible_in_thread
from app.community.reactions.models import LIKE, Reaction
from app.operate.notifications.kinds.base import Happening, Key, Kind, told_by
from app.operate.notifications.kinds.comment import comments_seen
from app.operate.notifications.models import REACTIONS


class CommentLikeKind(Kind):
    name = "comment_like"
    tab = REACTIONS
    called = {"zh": "评论获赞", "en": "Likes of comments"}
    zh = "{who}赞了你的评论：{note}"
    en = "{who} liked your comment: {note}"
    is_of_people = True
    facts = (CommentLiked, CommentUnliked, CommentHidden)
    look = staticmethod(comments_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.comment_id, one.person_id) for one in facts if not isinstance(one, CommentHidden)}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Comment.author_id, Comment.id, Reaction.person_id, Reaction.at).where(
            tuple_(Reaction.subject_id, Reaction.person_id).in_(keys),
            Reaction.name == LIKE,
            Comment.id == Reaction.subject_id,
            visible_in_thread(),
        )
        return told_by(asked)

    def subjects(self, facts: Sequence[Any]) -> set[UUID]:
        return {one.comment_id for one in facts if isinstance(one, CommentHidden)}

    def gone(self, subjects: Collection[UUID]) -> Select[UUID]:
        """One that is held or taken down may be shown again; a deleted one nobody reads of."""
        return select(CommentDeletion.comment_id).where(CommentDeletion.comment_id.in_(subjects))


kind = CommentLikeKind()
