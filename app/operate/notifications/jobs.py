"""What notifications hear, and their sweeps."""

from collections.abc import Sequence
from uuid import UUID

from app.community.posts.events import PostPublished, PostShown, PostSubmitted
from app.core.events import Fact, on
from app.core.worker import every
from app.operate.notifications import actions
from app.operate.notifications.events import FriendsToldInPart, NoticesLeft
from app.operate.notifications.kinds import KINDS
from app.people.social.events import PersonBlocked, PersonUnfollowed

HEARD = sorted({fact for kind in KINDS.values() for fact in kind.facts}, key=lambda fact: fact.__name__)
_FIRST = UUID(int=0)
"""Below every id."""


@on(*HEARD)
def note_happenings(facts: Sequence[Fact]) -> None:
    """All kinds but those that are told to many. Kinds in one order, as their locks are taken."""
    for name in sorted(KINDS):
        kind = KINDS[name]
        actions.hear(kind, [one for one in facts if isinstance(one, kind.facts)])


@on(PostSubmitted, PostPublished, PostShown, FriendsToldInPart, batch=50)
def tell_friends(facts: Sequence[PostSubmitted | PostPublished | PostShown | FriendsToldInPart]) -> None:
    """At once, by a listener of its own, so that no flood of likes is before it."""
    actions.tell_friends({(one.post_id, one.after if isinstance(one, FriendsToldInPart) else _FIRST) for one in facts})


@on(PersonBlocked)
def keep_apart(facts: Sequence[PersonBlocked]) -> None:
    actions.keep_apart({(one.blocker_id, one.blocked_id) for one in facts})


@on(PersonUnfollowed)
def part_friends(facts: Sequence[PersonUnfollowed]) -> None:
    actions.part_friends({(one.follower_id, one.followed_id) for one in facts})


@on(NoticesLeft)
def take_what_is_left(facts: Sequence[NoticesLeft]) -> None:
    """What was too much for one transaction."""
    for name in sorted({one.kind for one in facts}):
        actions.lock(KINDS[name])
        actions.take_gone(KINDS[name], {one.subject_id for one in facts if one.kind == name})


@every(seconds=60)
def forget_old_notices() -> int:
    return actions.forget_old()
