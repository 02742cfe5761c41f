"""When, how often and where a person wants to be told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import CHINA
from app.core.db import Model
from app.core.errors import refuse_on
from app.operate.notifications.models import EMAIL, SMS

OFF, DAILY = "off", "daily"
DIGESTS = (OFF, DAILY)
USUAL_PUSHES = 30
"""So many pushes a day reach whoever has said nothing else; others wait for the digest, or stay in the inbox."""
MOST_PUSHES = 1000
MOST_DEVICES = 20
IOS, ANDROID = "ios", "android"
PLATFORMS = (IOS, ANDROID)
CONTACTS = (SMS, EMAIL)


class NoticePreference(Model):
    """When a person wants to be told, and how often. `quiet_from`, `quiet_to`: minutes of the day in China between
    which nothing is sent, over midnight where the first is the later one. Who has said nothing has no row."""

    __tablename__ = "reach_preferences"
    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
        CheckConstraint("quiet_from BETWEEN 0 AND 1439 AND quiet_to BETWEEN 0 AND 1439", name="minutes"),
        CheckConstraint("digest IN ('off', 'daily')", name="digest"),
        CheckConstraint("daily_pushes >= 0", name="daily_pushes"),
        CheckConstraint("language IN ('zh', 'en')", name="language"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    quiet_from: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_to: Mapped[int | None] = mapped_column(SmallInteger)
    digest: Mapped[str] = mapped_column(server_default=OFF)
    daily_pushes: Mapped[int] = mapped_column(SmallInteger, server_default=text(str(USUAL_PUSHES)))
    language: Mapped[str] = mapped_column(server_default="zh")


class PushDevice(Model):
    """A person's phone that takes pushes. A token is one installation's, so it is of one person at a time: who signed
    in there last."""

    __tablename__ = "reach_devices"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("platform IN ('ios', 'android')", name="platform"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    platform: Mapped[str]
    token: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class NoticeContact(Model):
    """Where a person gets e-mail or text messages. Nothing but the code is sent there until he has given it back, so
    nobody has anything sent to a stranger. `code` is sealed, and there until it was given back; `asked`: codes of the
    day of `asked_at`; `tries` of the last one. `address` None: taken back."""

    __tablename__ = "reach_contacts"
    __table_args__ = (CheckConstraint("medium IN ('sms', 'email')", name="medium"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    medium: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str | None]
    code: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    asked: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    confirmed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Minutes of the day in China between which nothing is sent; over midnight where `begins` is the later one."""

    begins: int
    ends: int

    def over_at(self, now: datetime) -> datetime | None:
        """When the quiet hours in which `now` lies end; None outside of them."""
        here = now.astimezone(CHINA)
        minute = here.hour * 60 + here.minute
        over_midnight = self.begins > self.ends
        inside = minute >= self.begins or minute < self.ends if over_midnight else self.begins <= minute < self.ends
        if not inside:
            return None
        end = here.replace(hour=self.ends // 60, minute=self.ends % 60, second=0, microsecond=0)
        return end if end > now else end + timedelta(days=1)


refuse_on("uq_reach_devices_token_hash", 409, "in_progress", "请重试", "Try again.")
