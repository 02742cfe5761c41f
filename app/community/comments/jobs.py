"""What comments hear: two people are kept apart by a block, or are no more."""

from collections.abc import Sequence

from app.community.comments import actions
from app.community.comments.events import CommentWritten
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
