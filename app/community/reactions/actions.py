"""Putting a reaction on a thing, and taking it back. Whoever calls has made sure that the person may see the thing."""

from uuid import UUID

from sqlalchemy import delete

from app.community.reactions.models import COUNTS, Reaction
from app.core import counters
from app.core.db import changed
from app.core.plain import insertion


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
