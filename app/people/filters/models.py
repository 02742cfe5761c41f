"""Words that a person wants nothing of."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

LONGEST_WORD, MOST_WORDS = 30, 100


class HiddenWord(Model):
    """One word, in lower case."""

    __tablename__ = "filters_words"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
