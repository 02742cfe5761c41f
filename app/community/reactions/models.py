"""A person's reactions to things."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

LIKE, COLLECT = "like", "collect"
COUNTS = {LIKE: "likes", COLLECT: "collects"}
"""The count (core/counters) on the thing that each reaction raises."""


class Reaction(Model):
    """One person's like or collect of one thing."""

    __tablename__ = "reactions_reactions"
    __table_args__ = (
        CheckConstraint("name IN ('like', 'collect')", name="name"),
        Index("ix_reactions_reactions_person_name_at", "person_id", "name", "at"),
    )

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
