"""What one person is to another. Two who follow each other are friends: that is no row of its own.

A block keeps two people apart, whoever of them asked for it; a mute only spares one of them what the other writes.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

LONGEST_REMARK = 40
MOST_BLOCKED, MOST_MUTED = 5000, 5000


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


class Block(Model):
    """One person wants nothing to do with another: neither sees what the other writes."""

    __tablename__ = "social_blocks"
    __table_args__ = (
        CheckConstraint("blocker_id <> blocked_id", name="not_oneself"),
        Index("ix_social_blocks_blocked", "blocked_id"),
    )

    blocker_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Mute(Model):
    """A person is not shown, until `until` (None: for good), what another writes, unless he asks for it."""

    __tablename__ = "social_mutes"
    __table_args__ = (CheckConstraint("person_id <> muted_id", name="not_oneself"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    muted_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    until: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Remark(Model):
    """What a person calls another, for himself alone."""

    __tablename__ = "social_remarks"
    __table_args__ = (CheckConstraint("person_id <> about_id", name="not_oneself"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    about_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    words: Mapped[str]
