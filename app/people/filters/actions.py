"""Choosing the words that one wants nothing of."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core.db import db
from app.people.filters.models import HiddenWord


def hide_words(person_id: UUID, words: Sequence[str]) -> None:
    """These words and no others from now on."""
    wanted = sorted({" ".join(one.lower().split()) for one in words})
    db.session.execute(delete(HiddenWord).where(HiddenWord.person_id == person_id, HiddenWord.word.not_in(wanted)))
    if wanted:
        rows = [{"person_id": person_id, "word": one} for one in wanted]
        db.session.execute(insert(HiddenWord).values(rows).on_conflict_do_nothing())
