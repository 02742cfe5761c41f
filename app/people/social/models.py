"""Following."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model


class Follow(Model):
    """One person follows another."""

    __tablename__ = "social_follows"
    __table_args__ = (
        CheckConstraint("follower_id <> followed_id", name="not_oneself"),
        Index("ix_social_follows_followed", "followed_id", "at"),
    )

    follower_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    followed_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
