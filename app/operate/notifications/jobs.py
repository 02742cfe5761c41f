"""What notifications hear, and their sweeps."""

from collections.abc import Sequence

from app.core.events import Fact, on
from app.core.worker import every
from app.operate.notifications import actions
from app.operate.notifications.events import NoticesLeft
from app.operate.notifications.kinds import KINDS
from app.people.social.events import PersonBlocked

OF_PEOPLE = frozenset(name for name, kind in KINDS.items() if kind.is_of_people)
HEARD = sorted({fact for kind in KINDS.values() for fact in kind.facts}, key=lambda fact: fact.__name__)


@on(*HEARD)
def note_happenings(facts: Sequence[Fact]) -> None:
    """All kinds but those that are told to many. Kinds in one order, as their locks are taken."""
    for name in sorted(KINDS):
        kind = KINDS[name]
        actions.hear(kind, [one for one in facts if isinstance(one, kind.facts)])


@on(PersonBlocked)
def keep_apart(facts: Sequence[PersonBlocked]) -> None:
    """Who is blocked is in none of the other's notices, and the other in none of his."""
    actions.part({(one.blocker_id, one.blocked_id) for one in facts}, OF_PEOPLE)


@on(NoticesLeft)
def take_what_is_left(facts: Sequence[NoticesLeft]) -> None:
    """What was too much for one transaction."""
    for name in sorted({one.kind for one in facts}):
        actions.lock(KINDS[name])
        actions.take_gone(KINDS[name], {one.subject_id for one in facts if one.kind == name})


@every(seconds=60)
def forget_old_notices() -> int:
    return actions.forget_old()
