"""What becomes of articles."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class ArticleMoved(Fact):
    """An article was sold, is for sale again, or is no more: its goods are to stand as it does."""

    article_id: UUID


@dataclass(frozen=True, slots=True)
class WordProhibited(Fact):
    """A word may not stand in articles any more."""

    word_id: UUID
