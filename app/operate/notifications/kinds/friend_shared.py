"""A friend of mine has published a post: told to all of them at once, within a budget.

Not by `keys` and `truth`, since a post may have thousands of readers: `friends_to_tell` goes through them in parts.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from app.community.posts.events import PostHidden
from app.community.posts.models import FRIENDS as FOR_FRIENDS
from app.community.posts.models import PUBLIC, PUBLISHED, Post, PostTakeDown
from app.community.posts.queries import friends_posts, is_deleted
from app.core import clock
from app.core.caller import PERSON
from app.core.clock import CHINA
from app.core.db import db
from app.operate.notifications.kinds.base import Happening, Kind
from app.operate.notifications.kinds.like import posts_seen
from app.operate.notifications.models import FRIENDS, Notice
from app.people.social.models import Follow

BY_ONE_AUTHOR, IN_ALL = 3, 30
"""The budget of a reader and day: so many posts of one friend, so many in all. What is beyond stands in the feed."""
FRESH = timedelta(days=1)
"""Of what was published longer ago nobody is told."""


class Friends(NamedTuple):
    """Whom to tell, of so many who were looked at; `after`: the id to go on after, None at the end."""

    told: list[Happening]
    looked_at: int
    after: UUID | None


class FriendSharedKind(Kind):
    name = "friend_shared"
    tab = FRIENDS
    called = {"zh": "好友发布", "en": "Posts of friends"}
    zh = "{who}发布了「{title}」"
    en = "{who} published “{title}”"
    is_of_people = True
    facts = (PostHidden,)
    look = staticmethod(posts_seen)

    def subjects(self, facts: Sequence[Any]) -> set[UUID]:
        return {one.post_id for one in facts}

    def gone(self, subjects: Collection[UUID]) -> Select[UUID]:
        """What friends may not see any more."""
        return select(Post.id).where(Post.id.in_(subjects), ~_is_shared())

    def friends_to_tell(self, post_id: UUID, after: UUID, most: int) -> Friends:
        """The next `most` friends of the author, by id, as far as they are to be told. Three queries.

        Friends are those who were so when it was published, so that to hear of it again tells nobody else.
        """
        post = db.session.execute(select(Post.author_id, Post.published_at, _is_in_budget()).where(*_told(post_id)))
        found = post.first()
        if found is None or not found.is_in_budget:
            return Friends([], 0, None)
        there, back = aliased(Follow), aliased(Follow)
        mutual = and_(back.follower_id == there.followed_id, back.followed_id == there.follower_id)
        is_wanted = friends_posts(there.followed_id.expression, there.follower_id.expression)
        wanted = (
            select(there.followed_id, is_wanted.label("is_wanted"))
            .join(back, mutual)
            .join(Post, Post.id == post_id)
            .where(there.follower_id == found.author_id, there.followed_id > after)
            .where(there.at <= found.published_at, back.at <= found.published_at)
            .order_by(there.followed_id)
            .limit(most)
        )
        rows = db.session.execute(wanted).all()
        people = [row.followed_id for row in rows if row.is_wanted]
        full = _with_full_day(people, found.published_at)
        at: datetime = found.published_at
        told = [Happening(one, post_id, found.author_id, at) for one in people if one not in full]
        return Friends(told, len(rows), rows[-1].followed_id if len(rows) == most else None)


def _told(post_id: UUID) -> list[ColumnElement[bool]]:
    recent = Post.published_at > clock.db_now() - literal(FRESH)
    return [Post.id == post_id, Post.author_kind == PERSON, recent, _is_shared()]


def _is_shared() -> ColumnElement[bool]:
    """SQL: friends of its author may see the Post."""
    is_down = exists().where(PostTakeDown.post_id == Post.id).correlate(Post)
    shared = Post.visibility.in_((PUBLIC, FOR_FRIENDS))
    return and_(Post.state == PUBLISHED, shared, ~is_down, ~is_deleted())


def _is_in_budget() -> ColumnElement[bool]:
    """SQL: the Post is one of its author's first of the day. Those that were deleted since count, or to publish and
    delete would tell without end."""
    earlier = aliased(Post)
    began = func.date_trunc("day", Post.published_at, "Asia/Shanghai")
    before = tuple_(earlier.published_at, earlier.id) < tuple_(Post.published_at, Post.id)
    shared = (earlier.visibility.in_((PUBLIC, FOR_FRIENDS)), earlier.state == PUBLISHED)
    mine = (earlier.author_kind == PERSON, earlier.author_id == Post.author_id, earlier.published_at >= began)
    count = select(func.count()).where(*mine, *shared, before).correlate(Post).scalar_subquery()
    return (count < BY_ONE_AUTHOR).label("is_in_budget")


def _with_full_day(people: Sequence[UUID], at: datetime) -> set[UUID]:
    """Those of these people who were told of as many posts of friends that day as they are told of."""
    day = at.astimezone(CHINA).date()
    mine = (Notice.person_id.in_(people), Notice.kind == FriendSharedKind.name, Notice.day == day)
    full = select(Notice.person_id).where(*mine).group_by(Notice.person_id).having(func.count() >= IN_ALL)
    return set(db.session.scalars(full)) if people else set()


kind = FriendSharedKind()
