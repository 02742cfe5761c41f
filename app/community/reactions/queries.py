"""Questions about reactions."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.reactions.models import Reaction
from app.core.db import db


def reacted_to(person_id: UUID | None, name: str, subject_ids: Collection[UUID]) -> set[UUID]:
    """Those of these things on which the person has put this reaction. At most one query."""
    if person_id is None or not subject_ids:
        return set()
    mine = (Reaction.person_id == person_id, Reaction.name == name, Reaction.subject_id.in_(subject_ids))
    return set(db.session.scalars(select(Reaction.subject_id).where(*mine)))
