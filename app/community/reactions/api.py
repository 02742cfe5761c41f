"""Doors of reactions: likes and collects of posts. All may be sent again."""

from uuid import UUID

from app.community.reactions import actions
from app.core.caller import Caller
from app.core.http.door import Door

door = Door("reactions")


@door.put("/posts/<uuid:post_id>/like")
def like(caller: Caller, post_id: UUID) -> None:
    """Like a post; may be sent again."""
    actions.like(caller, post_id)


@door.delete("/posts/<uuid:post_id>/like")
def unlike(caller: Caller, post_id: UUID) -> None:
    """Take a like back; may be sent again."""
    actions.unlike(caller, post_id)


@door.put("/posts/<uuid:post_id>/collect")
def collect(caller: Caller, post_id: UUID) -> None:
    """Put a post into one's collection; may be sent again."""
    actions.collect(caller, post_id)


@door.delete("/posts/<uuid:post_id>/collect")
def uncollect(caller: Caller, post_id: UUID) -> None:
    """Take a post out of one's collection; may be sent again."""
    actions.uncollect(caller, post_id)
