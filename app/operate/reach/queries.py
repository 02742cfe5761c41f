"""Questions about when, how often and where a person wants to be told; and the channels by which he can be."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.core import sealing
from app.core.db import db
from app.operate.notifications.models import INBOX, MEDIA
from app.operate.notifications.queries import switches_of
from app.operate.reach.channels import CHANNELS
from app.operate.reach.channels.base import AGAIN, REFUSED, SENT, Answer, Channel, Message
from app.operate.reach.models import OFF, USUAL_PUSHES, NoticeContact, NoticePreference, PushDevice

__all__ = ["AGAIN", "CHANNELS", "REFUSED", "SENT", "Answer", "Channel", "Message"]
SEALED_FOR = "contact-code"


def settings_of(person_id: UUID) -> dict[str, Any]:
    """All that a person has set, or that holds where he has set nothing. Four queries."""
    wish = preference_of(person_id)
    quiet = None
    if wish.quiet_from is not None and wish.quiet_to is not None:
        quiet = {"begins": _clock(wish.quiet_from), "ends": _clock(wish.quiet_to)}
    contacts = select(NoticeContact).where(NoticeContact.person_id == person_id, NoticeContact.address.is_not(None))
    devices = select(func.count()).select_from(PushDevice).where(PushDevice.person_id == person_id)
    return {
        "kinds": switches_of(person_id),
        "media": [one for one in MEDIA if is_open(one)],
        "quiet": quiet,
        "digest": wish.digest,
        "daily_pushes": wish.daily_pushes,
        "language": wish.language,
        "contacts": [
            {"medium": one.medium, "address": one.address, "is_confirmed": one.confirmed_at is not None}
            for one in db.session.scalars(contacts.order_by(NoticeContact.medium))
        ],
        "devices": db.session.scalar(devices) or 0,
    }


def preference_of(person_id: UUID) -> NoticePreference:
    """What a person has set, or a row of the usual, which is not kept."""
    usual = NoticePreference(person_id=person_id, digest=OFF, daily_pushes=USUAL_PUSHES, language="zh")
    return db.session.get(NoticePreference, person_id) or usual


def is_open(medium: str) -> bool:
    """Whether this installation tells people by it."""
    return medium == INBOX or any(one.medium == medium and one.is_open() for one in CHANNELS.values())


def addresses_of(person_id: UUID, channel: Channel) -> tuple[str, ...]:
    """Where a person gets messages of this channel: his devices, or the contact that he has confirmed. One query."""
    if channel.platform:
        mine = (PushDevice.person_id == person_id, PushDevice.platform == channel.platform)
        return tuple(db.session.scalars(select(PushDevice.token).where(*mine).order_by(PushDevice.device_id)))
    contact = contact_of(person_id, channel.medium)
    if contact is None or contact.address is None or contact.confirmed_at is None:
        return ()
    return (contact.address,)


def code_asked(person_id: UUID, medium: str, at: datetime) -> tuple[str, str] | None:
    """(address, code) of the code that was asked for at this moment; None if it was used, or another was asked for."""
    contact = contact_of(person_id, medium)
    if contact is None or contact.address is None or contact.code is None or contact.asked_at != at:
        return None
    return contact.address, sealing.opened(SEALED_FOR, contact.code)


def contact_of(person_id: UUID, medium: str) -> NoticeContact | None:
    """A person's contact as it is now."""
    return db.session.get(NoticeContact, (person_id, medium), populate_existing=True)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
