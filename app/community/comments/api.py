"""Mobile JSON of comments."""

from typing import Any
from uuid import UUID

from app.community.comments import actions, queries
from app.community.comments.schemas import CommentIn, CommentOut, CommentsOut
from app.community.posts.queries import require_visible
from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready, joined
from app.core.http.door import Door

door = Door("comments")


@door.get("/posts/<uuid:post_id>/comments", asks=PageQuery, gives=CommentsOut)
def comments_of_post(caller: Caller, post_id: UUID, asked: dict[str, Any]) -> Ready:
    """Comments on a post that the caller may see, newest first."""
    require_visible(caller.person_id, post_id)
    return joined(*queries.comment_pages(caller.person_id, post_id, asked["limit"], asked["cursor"]))


@door.post("/posts/<uuid:post_id>/comments", takes=CommentIn, gives=CommentOut)
def write_comment(caller: Caller, post_id: UUID, given: dict[str, Any]) -> Ready:
    """Comment on a post."""
    return Ready(queries.comment_page(actions.write_comment(caller, post_id, given["body"])))


@door.delete("/comments/<uuid:comment_id>")
def delete_comment(caller: Caller, comment_id: UUID) -> None:
    """Delete one's own comment, or one under one's own post."""
    actions.delete_comment(caller, comment_id)
