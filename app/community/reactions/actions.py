"""Putting a reaction on a thing, and taking it back. Of things that are no posts their own room has made sure that the
person may see them."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import delete

from app.community.posts.queries import require_visible
from app.community.reactions.events import PostCollected, PostLiked, PostUncollected, PostUnliked
from app.community.reactions.models import COLLECT, COUNTS, LIKE, Reaction
from app.core import counters
from app.core.caller import Caller
from app.core.db import changed
from app.core.events import Fact, emit
from app.core.plain import insertion


def like(caller: Caller, post_id: UUID) -> None:
    """Raises Refused 404 for a post that the caller may not see; so do the three below. All may be repeated."""
    _react(add_reaction, LIKE, PostLiked, caller, post_id)


def unlike(caller: Caller, post_id: UUID) -> None:
    _react(remove_reaction, LIKE, PostUnliked, caller, post_id)


def collect(caller: Caller, post_id: UUID) -> None:
    _react(add_reaction, COLLECT, PostCollected, caller, post_id)


def uncollect(caller: Caller, post_id: UUID) -> None:
    _react(remove_reaction, COLLECT, PostUncollected, caller, post_id)


def _react(change: Callable[..., bool], name: str, fact: Callable[..., Fact], caller: Caller, post_id: UUID) -> None:
    require_visible(caller.person, post_id)
    if change(caller.person, post_id, name):
        emit(fact(post_id, caller.person))


def add_reaction(person_id: UUID, subject_id: UUID, name: str) -> bool:
    """Put a reaction on a thing; False, and nothing counted, if it is there already."""
    rows = _ADD.changed(subject_id=subject_id, person_id=person_id, name=name)
    return _counted(rows, subject_id, name, 1)


_ADD = insertion(Reaction, "subject_id", "person_id", "name", if_absent=True)


def remove_reaction(person_id: UUID, subject_id: UUID, name: str) -> bool:
    """Take a reaction back; False, and nothing counted, if there was none."""
    mine = (Reaction.subject_id == subject_id, Reaction.person_id == person_id, Reaction.name == name)
    return _counted(changed(delete(Reaction).where(*mine)), subject_id, name, -1)


def _counted(rows: int, subject_id: UUID, name: str, step: int) -> bool:
    if rows:
        counters.add(subject_id, COUNTS[name], step)
    return rows > 0
