"""Questions about posts: who may see which, and what belongs to them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, and_, bindparam, exists, literal_column, or_, select

from app.community.posts.models import (
    FRIENDS,
    PUBLIC,
    PUBLISHED,
    Parts,
    Post,
    PostDeletion,
    PostTakeDown,
    fragments_of,
)
from app.community.tags.queries import is_one_of, tags_of
from app.community.topics.queries import topics_of
from app.core.caller import PERSON
from app.core.db import db, rows_of
from app.core.errors import missing
from app.core.plain import Prepared, Row
from app.people.accounts.queries import author_cards
from app.people.filters.queries import is_unwanted
from app.people.social.queries import are_friends, are_near, is_muted
from app.people.uploads.queries import uploads_by_id
from app.store.reviews.queries import tells_reviews

# Written into the SQL, not sent as parameters: only so can every plan use the partial indexes of posts_posts.
_PUBLIC, _PUBLISHED = literal_column(f"'{PUBLIC}'", Text), literal_column(f"'{PUBLISHED}'", Text)
_FRIENDS = literal_column(f"'{FRIENDS}'", Text)


def visible_posts() -> ColumnElement[bool]:
    """SQL: the post is open to everybody. For the WHERE of a select that has Post among its tables."""
    return and_(Post.visibility == _PUBLIC, Post.state == _PUBLISHED, ~_taken_down(), ~is_deleted())


def posts_visible_to(viewer: UUID | ColumnElement[UUID] | None) -> ColumnElement[bool]:
    """SQL: the post is open or a friend's, and no block keeps the viewer from its author; or it is the viewer's own
    and not deleted."""
    if viewer is None:
        return visible_posts()
    mine = and_(Post.author_kind == PERSON, Post.author_id == viewer)
    theirs = or_(Post.visibility == _PUBLIC, and_(Post.visibility == _FRIENDS, are_friends(viewer, Post.author_id)))
    shown = and_(Post.state == _PUBLISHED, theirs, ~_taken_down(), are_near(viewer, Post.author_id))
    return and_(~is_deleted(), or_(shown, mine))


def posts_shown_to(viewer: UUID | ColumnElement[UUID]) -> ColumnElement[bool]:
    """SQL: an open post that may be put before this person unasked: nothing of who is blocked or muted, and none with
    a word that he wants nothing of."""
    unwanted = is_unwanted(viewer, Post.title, Post.body)
    return and_(visible_posts(), are_near(viewer, Post.author_id), ~is_muted(viewer, Post.author_id), ~unwanted)


def friends_posts(viewer: UUID | ColumnElement[UUID], friend: ColumnElement[UUID]) -> ColumnElement[bool]:
    """SQL: a post of this friend's that his friends may see, and that the viewer wants to."""
    theirs = and_(Post.author_kind == PERSON, Post.author_id == friend, Post.state == _PUBLISHED)
    shared = Post.visibility.in_((_PUBLIC, _FRIENDS))
    return and_(theirs, shared, ~_taken_down(), ~is_deleted(), ~is_unwanted(viewer, Post.title, Post.body))


def is_deleted() -> ColumnElement[bool]:
    """SQL: its author has deleted the Post."""
    return exists().where(PostDeletion.post_id == Post.id).correlate(Post)


def is_open(post_id: UUID) -> bool:
    """Whether everybody may see the post."""
    return db.session.scalar(select(Post.id).where(Post.id == post_id, visible_posts())) is not None


def post_for(viewer_id: UUID | None, post_id: UUID) -> Post:
    """The post, if this person (None: a stranger) may see it. Raises Refused 404."""
    found = db.session.scalar(select(Post).where(Post.id == post_id, posts_visible_to(viewer_id)))
    if found is None:
        raise missing("内容不存在或已删除", "There is no such post.")
    return found


def require_visible(viewer_id: UUID | None, post_id: UUID) -> Row:
    """(author_id, comments_off) of a post. Raises Refused 404 for one that this person may not see."""
    values = {} if viewer_id is None else {"viewer": viewer_id}
    found = _SEEN[viewer_id is not None].row(id=post_id, **values)
    if found is None:
        raise missing("内容不存在或已删除", "There is no such post.")
    return found


_ID, _VIEWER = bindparam("id", type_=Uuid), bindparam("viewer", type_=Uuid)


def parts_of(posts: Collection[Post]) -> dict[UUID, Parts]:
    """The parts of these posts. 4 queries, however many."""
    ids = [post.id for post in posts]
    authors = author_cards({post.author_id for post in posts})
    found = {post.id: Parts(authors.get(post.author_id)) for post in posts}
    uploads = uploads_by_id({one for post in posts for one in post.pictures})
    for post in posts:
        found[post.id].pictures = rows_of(post.pictures, uploads)
    for post_id, tags in tags_of(ids).items():
        found[post_id].tags = tags
    for post_id, name in topics_of(ids):
        found[post_id].topics.append(name)
    return found


def posts_of_author(person_id: UUID, before: UUID, most: int) -> list[UUID]:
    """The ids of a person's newest posts below `before`, whatever hides them."""
    mine = select(Post.id).where(Post.author_kind == PERSON, Post.author_id == person_id, Post.id < before)
    return list(db.session.scalars(mine.order_by(Post.id.desc()).limit(most)))


def wrong_cards(post_ids: Collection[UUID]) -> list[UUID]:
    """Those of these posts whose ready card says something else than would be written now. 5 queries."""
    ready = select(Post).where(is_one_of(Post.id, post_ids), Post.card.is_not(None))
    posts = db.session.scalars(ready.execution_options(populate_existing=True)).all()
    parts = parts_of(posts)
    return [post.id for post in posts if post.card != fragments_of(post, parts[post.id]).card]


@tells_reviews
def reviews_of_posts(author_id: UUID, review_ids: Collection[UUID]) -> set[UUID]:
    """Those of these reviews that posts of this author say. One query."""
    told = select(Post.review_id).where(Post.author_id == author_id, Post.review_id.in_(review_ids))
    return {one for one in db.session.scalars(told) if one is not None}


def _taken_down() -> ColumnElement[bool]:
    return exists().where(PostTakeDown.post_id == Post.id).correlate(Post)


_IT = select(Post.author_id, Post.comments_off).where(Post.id == _ID)
_SEEN = Prepared(_IT.where(visible_posts())), Prepared(_IT.where(posts_visible_to(_VIEWER)))
"""Asked by a stranger, and by a person."""
