"""Each message on its way to a person, and the rules of when it goes."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import CHINA
from app.core.db import Model
from app.core.ids import new_id
from app.operate.reach.models import DAILY, Quiet

DUE, SENDING, SENT, HELD, DROPPED, FAILED = "due", "sending", "sent", "held", "dropped", "failed"
LEASE = timedelta(seconds=60)
"""How long whoever sends a message has it for himself: longer than any call."""
DIGEST_AT = time(20, tzinfo=CHINA)
WAITS = (15, 30, 180, 1800, 3600)
"""Seconds until the next try, after each; then it is over."""
LATE = timedelta(days=2)
"""What could not be sent for so long is no news."""


class NoticeDelivery(Model):
    """One message on its way out: of a notice, once by each channel; of a day's digest; or of the code of a contact, by
    when it was asked for.

    `due` and `sending` are tried at `next_try_at`; `held` waits for a digest, `digest_id` once that is being sent;
    `dropped` never went, `why` says why; `failed` was refused, or tried often enough. `pushed_on`: the day of China
    against whose cap it counts.
    """

    __tablename__ = "sending_deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        UniqueConstraint("person_id", "channel", "digest_on"),
        UniqueConstraint("person_id", "channel", "code_asked_at"),
        CheckConstraint("num_nonnulls(notice_id, digest_on, code_asked_at) = 1", name="of_what"),
        CheckConstraint("state IN ('due', 'sending', 'sent', 'held', 'dropped', 'failed')", name="state"),
        CheckConstraint("(state IN ('due', 'sending')) = (next_try_at IS NOT NULL)", name="next_try_at"),
        Index("ix_sending_deliveries_due", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
        Index(
            "ix_sending_deliveries_pushed",
            "person_id",
            "channel",
            "pushed_on",
            postgresql_where=text("pushed_on IS NOT NULL"),
        ),
        Index("ix_sending_deliveries_held", "person_id", "channel", postgresql_where=text("state = 'held'")),
        Index("ix_sending_deliveries_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index("ix_sending_deliveries_made", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    channel: Mapped[str]
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notifications_notices.id", ondelete="CASCADE"))
    digest_on: Mapped[date | None] = mapped_column(Date)
    code_asked_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default=DUE)
    next_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    why: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    digest_id: Mapped[UUID | None]
    pushed_on: Mapped[date | None] = mapped_column(Date)
    sent_at: Mapped[datetime | None]


class SandboxMessage(Model):
    """What a channel without a provider would have sent: for tests and the demo town."""

    __tablename__ = "sending_sandbox"
    __table_args__ = (Index("ix_sending_sandbox_person", "person_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    channel: Mapped[str]
    address: Mapped[str]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def next_digest(now: datetime) -> datetime:
    """When the next digest goes out."""
    today = datetime.combine(now.astimezone(CHINA).date(), DIGEST_AT)
    return today if today > now else today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is due, and what there is to know of it. `count`, `is_read`, `is_on`: its notice's; of a digest
    and a code 1, no, yes. `pushed`: how many of this channel count against the person's cap of today, without it."""

    id: UUID
    tries: int
    is_code: bool
    is_notice: bool
    is_push: bool
    count: int
    is_read: bool
    is_on: bool
    has_counted: bool
    made_at: datetime
    quiet: Quiet | None
    digest: str
    cap: int
    pushed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a message that is due; `state` "" for one that is to be deleted: its notice was taken back, and
    if that comes again it is told as new."""

    state: str
    next_try_at: datetime | None = None
    why: str = ""
    pushed_on: date | None = None


def verdict(one: Waiting, now: datetime) -> Verdict:
    """SENDING, DUE again later, HELD for the digest, or DROPPED."""
    if one.count == 0:
        return Verdict("")
    if one.tries > len(WAITS):
        return Verdict(FAILED, why="no answer")
    if one.is_read or not one.is_on:
        return Verdict(DROPPED, why="read" if one.is_read else "off")
    if now - one.made_at > LATE and not one.is_code:
        return Verdict(DROPPED, why="late")
    quiet_until = one.quiet.over_at(now) if one.quiet and not one.is_code else None
    if quiet_until is not None:
        return Verdict(DUE, quiet_until, "quiet")
    is_counted = one.is_push and one.is_notice
    if is_counted and not one.has_counted and one.pushed >= one.cap:
        return Verdict(HELD if one.digest == DAILY else DROPPED, why="cap")
    return Verdict(SENDING, now + LEASE, pushed_on=now.astimezone(CHINA).date() if is_counted else None)
