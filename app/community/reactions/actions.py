"""Putting a reaction on a thing, and taking it back. Whoever calls has made sure that the person may see the thing."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.community.reactions.models import COUNTS, Reaction
from app.core import counters
from app.core.db import changed


def add_reaction(person_id: UUID, subject_id: UUID, name: str) -> bool:
    """Put a reaction on a thing; False, and nothing counted, if it is there already."""
    row = insert(Reaction).values(subject_id=subject_id, person_id=person_id, name=name).on_conflict_do_nothing()
    return _counted(changed(row), subject_id, name, 1)


def remove_reaction(person_id: UUID, subject_id: UUID, name: str) -> bool:
    """Take a reaction back; False, and nothing counted, if there was none."""
    mine = (Reaction.subject_id == subject_id, Reaction.person_id == person_id, Reaction.name == name)
    return _counted(changed(delete(Reaction).where(*mine)), subject_id, name, -1)


def _counted(rows: int, subject_id: UUID, name: str, step: int) -> bool:
    if rows:
        counters.add(subject_id, COUNTS[name], step)
    return rows > 0
