"""What posts hear: names on their cards have changed. The cards are made anew by the sweep, 200 at a time.

A star has 100,000 posts, a good product as many tags: each transaction marks at most MOST of them, and leaves a fact of
its own for the rest.
"""

from collections.abc import Sequence
from uuid import UUID

from app.community.posts import actions
from app.community.posts.events import AuthorCardsOutdated, GoodsTagsOutdated, PostEdited, PostSubmitted
from app.community.posts.queries import posts_of_author, wrong_cards
from app.community.tags.actions import retitle_tags, retitle_tags_of
from app.community.tags.queries import outdated_products
from app.core.events import emit_all, on
from app.core.worker import every
from app.people.accounts.events import PersonChanged
from app.store.catalogue.events import ProductChanged, ProductRestored, ProductTakenDown

MOST = 500
_ALL = UUID(int=(1 << 128) - 1)
"""Above every id."""


@on(PersonChanged, AuthorCardsOutdated)
def rename_authors(facts: Sequence[PersonChanged | AuthorCardsOutdated]) -> None:
    """A nickname, avatar or badge is on every card of its person; the newest are put right first."""
    wanted = {(one.person_id, one.before if isinstance(one, AuthorCardsOutdated) else _ALL) for one in facts}
    marked: list[UUID] = []
    left = []
    for person_id, before in sorted(wanted):
        room = MOST - len(marked)
        found = posts_of_author(person_id, before, room) if room else []
        marked += found
        if len(found) == room:
            left.append(AuthorCardsOutdated(person_id, found[-1] if found else before))
    actions.forget_cards(marked)
    emit_all(left)


@on(ProductChanged, ProductTakenDown, ProductRestored, GoodsTagsOutdated)
def retitle_goods(facts: Sequence[ProductChanged | ProductTakenDown | ProductRestored | GoodsTagsOutdated]) -> None:
    """A product's title is on its tags; a product that people may not see has none."""
    products = {fact.product_id for fact in facts}
    tags = retitle_tags(products, MOST)
    actions.forget_cards(set(tags))
    if len(tags) == MOST:
        emit_all([GoodsTagsOutdated(one) for one in outdated_products(products)])


@on(PostSubmitted, PostEdited)
def correct_cards(facts: Sequence[PostSubmitted | PostEdited]) -> None:
    """A card written while its goods or its author got another name: the listeners above came before it was there."""
    posts = {fact.post_id for fact in facts}
    retitle_tags_of(posts)
    actions.forget_cards(wrong_cards(posts))


@every(seconds=0.5)
def remake_cards() -> int:
    return actions.remake_cards()
