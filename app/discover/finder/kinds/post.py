"""Posts, with the titles of the goods tagged in them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, and_, bindparam, func, select, true

from app.community.comments.events import CommentHidden, CommentShown, CommentWritten
from app.community.posts.events import PostEdited, PostHidden, PostPublished, PostShown
from app.community.posts.models import Post
from app.community.posts.queries import visible_posts
from app.community.reactions.events import PostCollected, PostLiked, PostUncollected, PostUnliked
from app.community.tags.models import Tag
from app.community.topics.queries import topics_of
from app.core import counters
from app.core.db import db
from app.core.events import Fact
from app.discover.finder.kinds.base import Kind, ids_of, walk
from app.people.accounts.events import PersonChanged
from app.people.accounts.queries import author_cards
from app.store.catalogue.events import ProductChanged, ProductRestored, ProductTakenDown
from app.store.catalogue.models import Product
from app.store.catalogue.queries import is_visible
from search.documents import PostDocument

_OF_POST = (
    PostPublished,
    PostEdited,
    PostHidden,
    PostShown,
    PostLiked,
    PostUnliked,
    PostCollected,
    PostUncollected,
    CommentWritten,
    CommentHidden,
    CommentShown,
)
_OF_PRODUCT = (ProductChanged, ProductTakenDown, ProductRestored)
LATEST = 200
"""So many of an author's, or of a product's, posts are written anew when a name changes; a rebuild reaches the rest."""


class PostKind:
    name = PostDocument.KIND
    facts: tuple[type[Fact], ...] = (*_OF_POST, *_OF_PRODUCT, PersonChanged)

    def touched(self, facts: Sequence[Fact]) -> set[UUID]:
        found = ids_of(facts, _OF_POST, "post_id")
        found |= _latest_by(ids_of(facts, (PersonChanged,), "person_id"))
        return found | _latest_with(ids_of(facts, _OF_PRODUCT, "product_id"))

    def documents(self, ids: Collection[UUID], version: int) -> list[PostDocument]:
        posts = db.session.scalars(select(Post).where(Post.id.in_(ids), visible_posts())).all()
        shown = [post.id for post in posts]
        authors = author_cards({post.author_id for post in posts})
        counts = counters.of(shown)
        topics, goods = _grouped(topics_of(shown)), _grouped(_goods_in(shown))
        return [
            PostDocument(
                id=post.id,
                version=version,
                title=post.title,
                body=post.body,
                topics=topics[post.id],
                goods=goods[post.id],
                author=authors[post.author_id]["nickname"] if post.author_id in authors else "",
                author_id=post.author_id,
                kind=post.kind,
                published_at=post.published_at or post.created_at,
                likes=counts[post.id].get("likes", 0),
                collects=counts[post.id].get("collects", 0),
                comments=counts[post.id].get("comments", 0),
            )
            for post in posts
        ]

    def visible(self, ids: Collection[UUID]) -> set[UUID]:
        return set(db.session.scalars(select(Post.id).where(Post.id.in_(ids), visible_posts())))

    def all_ids(self, size: int) -> Iterator[list[UUID]]:
        return walk(Post.id, visible_posts(), size)

    def how_many(self) -> int:
        return db.session.scalar(select(func.count()).select_from(Post).where(visible_posts())) or 0


def _latest_by(author_ids: Collection[UUID]) -> set[UUID]:
    """The latest posts of each of these authors. One query."""
    asked = select(Post.id).where(Post.author_id == _EACH.c.id, visible_posts()).order_by(Post.published_at.desc())
    return _of_each(author_ids, asked)


def _latest_with(product_ids: Collection[UUID]) -> set[UUID]:
    """The latest posts that tag each of these products. One query."""
    asked = select(Tag.post_id.label("id")).where(Tag.product_id == _EACH.c.id).order_by(Tag.posted_at.desc())
    return _of_each(product_ids, asked)


_EACH = func.unnest(bindparam("each", type_=ARRAY(Uuid))).table_valued("id").render_derived()


def _of_each(ids: Collection[UUID], asked: Select[Any]) -> set[UUID]:
    if not ids:
        return set()
    latest = asked.limit(LATEST).correlate(_EACH).lateral()
    return set(db.session.scalars(select(latest.c.id).select_from(_EACH.join(latest, true())), {"each": list(ids)}))


def _goods_in(post_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """(post, title of a product tagged in it), of products that people may see."""
    asked = select(Tag.post_id, Product.title).join(Product, and_(Product.id == Tag.product_id, is_visible()))
    rows = db.session.execute(asked.where(Tag.post_id.in_(post_ids)).order_by(Tag.post_id, Tag.position))
    return [(row[0], row[1]) for row in rows]


def _grouped(pairs: Sequence[tuple[UUID, str]]) -> defaultdict[UUID, tuple[str, ...]]:
    found: defaultdict[UUID, tuple[str, ...]] = defaultdict(tuple)
    for one, name in pairs:
        found[one] += (name,)
    return found


kind: Kind = PostKind()
