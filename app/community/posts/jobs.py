"""What posts hear: names on their cards have changed. The cards are made anew by the sweep, 200 at a time."""

from collections.abc import Sequence

from app.community.posts import actions
from app.community.posts.models import Post
from app.community.tags.actions import retitle_tags
from app.core.caller import PERSON
from app.core.events import on
from app.core.worker import every
from app.people.accounts.events import PersonChanged
from app.store.catalogue.events import ProductChanged, ProductRestored, ProductTakenDown


@on(PersonChanged)
def rename_authors(facts: Sequence[PersonChanged]) -> None:
    """A nickname, avatar or badge is on every card of its person."""
    people = {fact.person_id for fact in facts}
    actions.forget_cards(Post.author_kind == PERSON, Post.author_id.in_(people))


@on(ProductChanged, ProductTakenDown, ProductRestored)
def retitle_goods(facts: Sequence[ProductChanged | ProductTakenDown | ProductRestored]) -> None:
    """A product's title is on its tags; a product that people may not see has none."""
    posts = retitle_tags({fact.product_id for fact in facts})
    if posts:
        actions.forget_cards(Post.id.in_(posts))


@every(seconds=0.5)
def remake_cards() -> int:
    return actions.remake_cards()
