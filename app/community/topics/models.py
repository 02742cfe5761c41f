"""Topics."""

import unicodedata
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id


class Topic(Model):
    """A topic; `name` is its first spelling, `name_key` what all its spellings have in common."""

    __tablename__ = "topics_topics"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)


class TopicUse(Model):
    """A topic of a post (an opaque id), at its place in the author's order."""

    __tablename__ = "topics_uses"
    __table_args__ = (Index("ix_topics_uses_topic", "topic_id", "post_id"),)

    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics_topics.id"))


def topic_key(name: str) -> str:
    """The form in which two spellings of one topic are the same: NFKC, without case and outer white space."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()
