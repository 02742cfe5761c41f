"""Notices, what they are made of, and which of them a person wants.

A notice is one line of the inbox: it stands for all that happened of one kind, about one thing, on one day of China.
Each happening is a part of it, so that what is taken back takes exactly its own part along. A notice of no parts is not
there for anybody; its row stays for a while, so that whoever likes and unlikes pushes nothing twice.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

REACTIONS, COMMENTS, FOLLOWERS, FRIENDS, ORDERS, SYSTEM = (
    "reactions",
    "comments",
    "followers",
    "friends",
    "orders",
    "system",
)
TABS = (REACTIONS, COMMENTS, FOLLOWERS, FRIENDS, ORDERS, SYSTEM)
INBOX, PUSH, SMS, EMAIL = "inbox", "push", "sms", "email"
MEDIA = (INBOX, PUSH, SMS, EMAIL)
"""By what a person is told; without the inbox by nothing."""
KEPT_DAYS = 90


class Notice(Model):
    """One line of somebody's inbox. `count` is exact: its parts. Unread while `read_at` is None."""

    __tablename__ = "notifications_notices"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "target_id", "day"),
        CheckConstraint("count >= 0", name="count"),
        Index("ix_notifications_notices_target", "kind", "target_id"),
        Index("ix_notifications_notices_shown", "person_id", "last_at", "id", postgresql_where=text("count > 0")),
        Index("ix_notifications_notices_tab", "person_id", "tab", "last_at", "id", postgresql_where=text("count > 0")),
        Index(
            "ix_notifications_notices_unread",
            "person_id",
            "tab",
            postgresql_where=text("count > 0 AND read_at IS NULL"),
        ),
        Index("ix_notifications_notices_last", "last_at"),
        Index("ix_notifications_notices_empty", "last_at", postgresql_where=text("count = 0")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    kind: Mapped[str]
    tab: Mapped[str]
    target_id: Mapped[UUID]
    day: Mapped[date] = mapped_column(Date)
    count: Mapped[int] = mapped_column(server_default=text("0"))
    last_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class NoticePart(Model):
    """One happening in a notice: `source_id` is the person who did it, or, where nobody in particular did, the thing
    that it came of."""

    __tablename__ = "notifications_parts"
    __table_args__ = (
        Index("ix_notifications_parts_latest", "notice_id", "at"),
        Index("ix_notifications_parts_source", "source_id"),
    )

    notice_id: Mapped[UUID] = mapped_column(
        ForeignKey("notifications_notices.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class NoticeSwitch(Model):
    """A person has one medium of one kind of notices other than that kind has it by itself."""

    __tablename__ = "notifications_switches"
    __table_args__ = (CheckConstraint("medium IN ('inbox', 'push', 'sms', 'email')", name="medium"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    medium: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
