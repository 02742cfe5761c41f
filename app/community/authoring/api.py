"""Doors of posts for who writes them."""

from typing import Any
from uuid import UUID

from app.community.cards.queries import post_page
from app.community.cards.schemas import PostOut
from app.community.posts import actions
from app.community.posts.queries import require_visible
from app.community.posts.schemas import PostIn, PostPatchIn
from app.community.versions.queries import version_pages
from app.community.versions.schemas import PostVersionsOut
from app.core.caller import Caller
from app.core.errors import forbidden
from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import PERSON, Door

door = Door("authoring")


@door.post("/posts", takes=PostIn, gives=PostOut)
def publish(caller: Caller, given: dict[str, Any]) -> Ready:
    """Publish a note or a review. Each tag gets a link of its own."""
    post_id = actions.publish_post(caller, **given)
    return Ready(post_page(caller.person, post_id))


@door.patch("/posts/<uuid:post_id>", takes=PostPatchIn, gives=PostOut)
def change_post(caller: Caller, post_id: UUID, given: dict[str, Any]) -> Ready:
    """Change one's own post. Tags that stay keep their link."""
    actions.edit_post(caller, post_id, given)
    return Ready(post_page(caller.person, post_id))


@door.get("/posts/<uuid:post_id>/versions", asks=PageQuery, gives=PostVersionsOut, who=PERSON)
def versions_of_post(caller: Caller, post_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What one's own post said before each edit that others could have missed, the latest first."""
    if require_visible(caller.person, post_id).author_id != caller.person:
        raise forbidden()
    items, following = version_pages(post_id, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.delete("/posts/<uuid:post_id>")
def remove_post(caller: Caller, post_id: UUID) -> None:
    """Delete one's own post. Its links sell on."""
    actions.delete_post(caller, post_id)
