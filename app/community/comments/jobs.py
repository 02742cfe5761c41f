"""What comments hear: two people are kept apart by a block, or are no more; likes and replies, which give heat."""

from collections.abc import Sequence

from app.community.comments import actions
from app.community.comments.events import CommentHidden, CommentLiked, CommentShown, CommentUnliked, CommentWritten
from app.core.events import on
from app.people.social.events import PersonBlocked, PersonUnblocked


@on(PersonBlocked, PersonUnblocked, CommentWritten)
def sever_comments(facts: Sequence[PersonBlocked | PersonUnblocked | CommentWritten]) -> None:
    """A comment that was written while the block was made is among those that are looked at, too."""
    written = {one.comment_id for one in facts if isinstance(one, CommentWritten)}
    if written:
        actions.sever((), written)
    pairs = {(one.blocker_id, one.blocked_id) for one in facts if not isinstance(one, CommentWritten)}
    for pair in sorted(pairs):
        actions.sever(pair)


@on(CommentLiked, CommentUnliked, CommentWritten, CommentHidden, CommentShown)
def warm_comments(
    facts: Sequence[CommentLiked | CommentUnliked | CommentWritten | CommentHidden | CommentShown],
) -> None:
    actions.warm({one.comment_id for one in facts})
