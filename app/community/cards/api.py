"""Doors of posts for who reads them."""

from typing import Any
from uuid import UUID

from app.community.cards import queries
from app.community.cards.schemas import PostOut, PostsOut
from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready, joined
from app.core.http.door import Door
from app.people.accounts.queries import person_or_missing
from app.people.social.queries import require_near
from app.store.catalogue.queries import product_or_missing

door = Door("cards")


@door.get("/posts/<uuid:post_id>", gives=PostOut)
def show_post(caller: Caller, post_id: UUID) -> Ready:
    """A post. Its author sees it also while it is private or taken down."""
    return Ready(queries.post_page(caller.person_id, post_id))


@door.get("/people/<uuid:person_id>/posts", asks=PageQuery, gives=PostsOut)
def posts_of_person(caller: Caller, person_id: UUID, asked: dict[str, Any]) -> Ready:
    """What a person has posted, newest first: to himself all, to his friends also what is for them."""
    person_or_missing(person_id)
    require_near(caller.person_id, person_id)
    return joined(*queries.person_posts(caller.person_id, person_id, asked["limit"], asked["cursor"]))


@door.get("/products/<uuid:product_id>/posts", asks=PageQuery, gives=PostsOut)
def posts_of_product(caller: Caller, product_id: UUID, asked: dict[str, Any]) -> Ready:
    """Posts that tag a product, newest first."""
    product_or_missing(product_id)
    return joined(*queries.product_posts(caller.person_id, product_id, asked["limit"], asked["cursor"]))
