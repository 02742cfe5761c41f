"""Questions about the words that a person wants nothing of."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import db
from app.people.filters.models import HiddenWord


def words_of(person_id: UUID) -> Sequence[str]:
    """They in their order."""
    return db.session.scalars(
        select(HiddenWord.word).where(HiddenWord.person_id == person_id).order_by(HiddenWord.word)
    ).all()


def is_unwanted(person: UUID | ColumnElement[UUID], *texts: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """SQL: one of these texts has a word that the person wants nothing of, in whatever case. Whether he has chosen any
    is asked once a statement, so that it costs others nothing."""
    said = func.lower(func.concat_ws("\n", *texts))
    mine = HiddenWord.person_id == person
    return and_(exists().where(mine), exists().where(mine, func.strpos(said, HiddenWord.word) > 0))
