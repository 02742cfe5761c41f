"""Mobile JSON of posts."""

from typing import Any
from uuid import UUID

from app.community.posts import actions, queries
from app.community.posts.schemas import PostIn, PostOut, PostPatchIn, PostsOut
from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready, joined
from app.core.http.door import Door
from app.people.accounts.queries import person_or_missing
from app.store.catalogue.queries import product_or_missing

door = Door("posts")


@door.post("/posts", takes=PostIn, gives=PostOut)
def publish(caller: Caller, given: dict[str, Any]) -> Ready:
    """Publish a note or a review. Each tag gets a link of its own."""
    post_id = actions.publish_post(caller, **given)
    return Ready(queries.post_page(caller.person, post_id))


@door.get("/posts/<uuid:post_id>", gives=PostOut)
def show_post(caller: Caller, post_id: UUID) -> Ready:
    """A post. Its author sees it also while it is private or taken down."""
    return Ready(queries.post_page(caller.person_id, post_id))


@door.patch("/posts/<uuid:post_id>", takes=PostPatchIn, gives=PostOut)
def change_post(caller: Caller, post_id: UUID, given: dict[str, Any]) -> Ready:
    """Change one's own post. Tags that stay keep their link."""
    actions.edit_post(caller, post_id, given)
    return Ready(queries.post_page(caller.person, post_id))


@door.delete("/posts/<uuid:post_id>")
def delete_post(caller: Caller, post_id: UUID) -> None:
    """Delete one's own post. Its links sell on."""
    actions.delete_post(caller, post_id)


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


@door.get("/people/<uuid:person_id>/posts", asks=PageQuery, gives=PostsOut)
def posts_of_person(caller: Caller, person_id: UUID, asked: dict[str, Any]) -> Ready:
    """What a person has posted, newest first; to himself also what others do not see."""
    person_or_missing(person_id)
    return joined(*queries.person_posts(caller.person_id, person_id, asked["limit"], asked["cursor"]))


@door.get("/products/<uuid:product_id>/posts", asks=PageQuery, gives=PostsOut)
def posts_of_product(caller: Caller, product_id: UUID, asked: dict[str, Any]) -> Ready:
    """Posts that tag a product, newest first."""
    product_or_missing(product_id)
    return joined(*queries.product_posts(caller.person_id, product_id, asked["limit"], asked["cursor"]))
