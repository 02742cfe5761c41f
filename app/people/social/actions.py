"""Following and unfollowing; both may be asked for twice."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core import counters
from app.core.db import changed
from app.core.errors import Refused
from app.core.events import emit
from app.people.accounts.queries import person_or_missing
from app.people.social.events import PersonFollowed, PersonUnfollowed
from app.people.social.models import Follow


def follow(follower_id: UUID, followed_id: UUID) -> None:
    """Raises Refused: 404 for nobody, 422 for oneself."""
    if follower_id == followed_id:
        raise Refused(422, "oneself", "不能关注自己", "You cannot follow yourself.")
    person_or_missing(followed_id)
    row = insert(Follow).values(follower_id=follower_id, followed_id=followed_id)
    if changed(row.on_conflict_do_nothing()):
        _count(follower_id, followed_id, 1)
        emit(PersonFollowed(follower_id, followed_id))


def unfollow(follower_id: UUID, followed_id: UUID) -> None:
    """Raises Refused 404 for nobody."""
    person_or_missing(followed_id)
    if changed(delete(Follow).where(Follow.follower_id == follower_id, Follow.followed_id == followed_id)):
        _count(follower_id, followed_id, -1)
        emit(PersonUnfollowed(follower_id, followed_id))


def _count(follower_id: UUID, followed_id: UUID, step: int) -> None:
    counters.add_many([(followed_id, "followers", step), (follower_id, "following", step)])
