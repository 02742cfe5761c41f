"""Following, blocking, muting, and their ends; all may be asked for twice.

Whoever follows holds a lock of his own, and whoever blocks holds both: so no follow outlives a block.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core import counters
from app.core.db import changed, db
from app.core.errors import Refused
from app.core.events import emit
from app.core.plain import prepared
from app.people.accounts.queries import person_or_missing
from app.people.social.events import PersonBlocked, PersonFollowed, PersonUnblocked, PersonUnfollowed
from app.people.social.models import MOST_BLOCKED, MOST_MUTED, Block, Follow, Mute, Remark
from app.people.social.queries import has_blocked, require_near

MOST_FOLLOWED = 5000
"""People that one person may follow: what the feed of those whom he follows still answers quickly."""

_LOCK = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 11))")
_FOLLOWED = prepared(
    "SELECT count(*) AS found FROM (SELECT FROM social_follows WHERE follower_id = :person LIMIT :most) AS theirs"
)
_BLOCKED = prepared(
    "SELECT count(*) AS found FROM (SELECT FROM social_blocks WHERE blocker_id = :person LIMIT :most) AS theirs"
)
_MUTED = prepared(
    "SELECT count(*) AS found FROM (SELECT FROM social_mutes WHERE person_id = :person LIMIT :most) AS theirs"
)


def follow(follower_id: UUID, followed_id: UUID) -> None:
    """Raises Refused: 404 for nobody and for who has blocked the follower, 422 for oneself, 409 for somebody whom he
    has blocked himself and for who follows as many as one may."""
    _require_two(follower_id, followed_id, "不能关注自己", "You cannot follow yourself.")
    _lock(follower_id)
    require_near(follower_id, followed_id)
    if has_blocked(follower_id, followed_id):
        raise Refused(409, "blocked", "请先取消拉黑", "You have blocked this person: unblock first.")
    row = insert(Follow).values(follower_id=follower_id, followed_id=followed_id)
    if changed(row.on_conflict_do_nothing()):
        if _FOLLOWED.rows(person=follower_id, most=MOST_FOLLOWED + 1)[0].found > MOST_FOLLOWED:
            zh, en = f"最多关注 {MOST_FOLLOWED} 人", f"You follow {MOST_FOLLOWED} people, the most there may be."
            raise Refused(409, "too_many_followed", zh, en)
        _count(follower_id, followed_id, 1)
        emit(PersonFollowed(follower_id, followed_id))


def unfollow(follower_id: UUID, followed_id: UUID) -> None:
    """Raises Refused 404 for nobody."""
    person_or_missing(followed_id)
    _part(follower_id, followed_id)


def block(blocker_id: UUID, blocked_id: UUID) -> None:
    """Neither of the two sees what the other writes any more, and neither follows the other. Raises Refused: 404 for
    nobody, 422 for oneself, 409 for one too many."""
    _require_two(blocker_id, blocked_id, "不能拉黑自己", "You cannot block yourself.")
    for one in sorted((blocker_id, blocked_id)):
        _lock(one)
    if not changed(insert(Block).values(blocker_id=blocker_id, blocked_id=blocked_id).on_conflict_do_nothing()):
        return
    if _BLOCKED.rows(person=blocker_id, most=MOST_BLOCKED + 1)[0].found > MOST_BLOCKED:
        zh, en = f"最多拉黑 {MOST_BLOCKED} 人", f"You have blocked {MOST_BLOCKED} people, the most there may be."
        raise Refused(409, "too_many_blocked", zh, en)
    _part(blocker_id, blocked_id)
    _part(blocked_id, blocker_id)
    emit(PersonBlocked(blocker_id, blocked_id))


def unblock(blocker_id: UUID, blocked_id: UUID) -> None:
    """The follows that there were do not come back. Raises Refused 404 for nobody."""
    person_or_missing(blocked_id)
    if changed(delete(Block).where(Block.blocker_id == blocker_id, Block.blocked_id == blocked_id)):
        emit(PersonUnblocked(blocker_id, blocked_id))


def mute(person_id: UUID, muted_id: UUID, until: datetime | None = None) -> None:
    """Raises Refused: 404 for nobody, 422 for oneself, 409 for one too many."""
    _require_two(person_id, muted_id, "不能屏蔽自己", "You cannot mute yourself.")
    _lock(person_id)
    row = insert(Mute).values(person_id=person_id, muted_id=muted_id, until=until)
    db.session.execute(row.on_conflict_do_update(index_elements=["person_id", "muted_id"], set_={"until": until}))
    if _MUTED.rows(person=person_id, most=MOST_MUTED + 1)[0].found > MOST_MUTED:
        zh, en = f"最多屏蔽 {MOST_MUTED} 人", f"You have muted {MOST_MUTED} people, the most there may be."
        raise Refused(409, "too_many_muted", zh, en)


def unmute(person_id: UUID, muted_id: UUID) -> None:
    """Raises Refused 404 for nobody."""
    person_or_missing(muted_id)
    db.session.execute(delete(Mute).where(Mute.person_id == person_id, Mute.muted_id == muted_id))


def remark(person_id: UUID, about_id: UUID, words: str) -> None:
    """Call a person something, for oneself alone; "" for nothing more. Raises Refused: 404 for nobody and for who has
    blocked one, 422 for oneself."""
    _require_two(person_id, about_id, "不能备注自己", "You cannot remark on yourself.")
    require_near(person_id, about_id)
    if not words:
        db.session.execute(delete(Remark).where(Remark.person_id == person_id, Remark.about_id == about_id))
        return
    row = insert(Remark).values(person_id=person_id, about_id=about_id, words=words)
    db.session.execute(row.on_conflict_do_update(index_elements=["person_id", "about_id"], set_={"words": words}))


def _require_two(person_id: UUID, other_id: UUID, zh: str, en: str) -> None:
    if person_id == other_id:
        raise Refused(422, "oneself", zh, en)
    person_or_missing(other_id)


def _lock(person_id: UUID) -> None:
    """All that one person does about others comes one after the other, so that what is counted is exact."""
    _LOCK.rows(name=f"follower:{person_id}")


def _part(follower_id: UUID, followed_id: UUID) -> None:
    if changed(delete(Follow).where(Follow.follower_id == follower_id, Follow.followed_id == followed_id)):
        _count(follower_id, followed_id, -1)
        emit(PersonUnfollowed(follower_id, followed_id))


def _count(follower_id: UUID, followed_id: UUID, step: int) -> None:
    counters.add_many([(followed_id, "followers", step), (follower_id, "following", step)])
