"""Mobile JSON of comments."""

from typing import Any
from uuid import UUID

from app.community.comments import actions, queries
from app.community.comments.schemas import CommentIn, CommentOut, CommentRepliesOut, CommentsOut, CommentsQuery
from app.community.posts.queries import require_visible
from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready, joined
from app.core.http.door import Door

door = Door("comments")
ONE = "/comments/<uuid:comment_id>"


@door.get("/posts/<uuid:post_id>/comments", asks=CommentsQuery, gives=CommentsOut)
def comments_of_post(caller: Caller, post_id: UUID, asked: dict[str, Any]) -> Ready:
    """Comments on a post that the caller may see, each with its first replies: the newest or the hottest first, and
    above them the one that its author has put on top."""
    require_visible(caller.person_id, post_id)
    page = queries.comment_pages(caller.person_id, post_id, asked["sort"], asked["limit"], asked["cursor"])
    return joined(*page)


@door.get(f"{ONE}/replies", asks=PageQuery, gives=CommentRepliesOut)
def replies_of_comment(caller: Caller, comment_id: UUID, asked: dict[str, Any]) -> Ready:
    """The replies of a thread, the oldest first."""
    require_visible(caller.person_id, queries.comment_for(caller.person_id, comment_id).post_id)
    return joined(*queries.reply_pages(caller.person_id, comment_id, asked["limit"], asked["cursor"]))


@door.post("/posts/<uuid:post_id>/comments", takes=CommentIn, gives=CommentOut)
def write_comment(caller: Caller, post_id: UUID, given: dict[str, Any]) -> Ready:
    """Comment on a post, or answer a comment there; with goods, each of which gets a link of the writer's."""
    made = actions.write_comment(caller, post_id, given["body"], given["parent_id"], given["products"])
    return Ready(queries.comment_page(caller.person, made))


@door.delete(ONE)
def delete_comment(caller: Caller, comment_id: UUID) -> None:
    """Delete one's own comment, or one under one's own post; its replies go with it."""
    actions.delete_comment(caller, comment_id)


@door.put(f"{ONE}/like")
def like_comment(caller: Caller, comment_id: UUID) -> None:
    """Like a comment; may be sent again."""
    actions.like(caller, comment_id)


@door.delete(f"{ONE}/like")
def unlike_comment(caller: Caller, comment_id: UUID) -> None:
    """Take a like back; may be sent again."""
    actions.unlike(caller, comment_id)


@door.put(f"{ONE}/pin")
def pin_comment(caller: Caller, comment_id: UUID) -> None:
    """Put a comment on top of one's own post."""
    actions.pin(caller, comment_id)


@door.delete(f"{ONE}/pin")
def unpin_comment(caller: Caller, comment_id: UUID) -> None:
    """Put it there no more."""
    actions.unpin(caller, comment_id)
