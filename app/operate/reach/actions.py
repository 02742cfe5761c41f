"""What a person says of being told: his settings, his phones, his addresses."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock, sealing
from app.core.auth import hash_of
from app.core.clock import CHINA
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.events import emit
from app.operate.reach.events import ContactAsked
from app.operate.reach.models import MOST_DEVICES, NoticeContact, NoticePreference, PushDevice
from app.operate.reach.queries import SEALED_FOR, is_open

CODE_WITHIN, CODE_AGAIN_AFTER = timedelta(minutes=10), timedelta(minutes=1)
CODE_TRIES, CODES_A_DAY = 5, 5


def set_preferences(person_id: UUID, changes: Mapping[str, Any]) -> None:
    """Set these columns of NoticePreference; the others stay."""
    if changes:
        row = insert(NoticePreference).values(person_id=person_id, **changes)
        db.session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=dict(changes)))


def put_device(person_id: UUID, device_id: UUID, platform: str, token: str) -> None:
    """Pushes reach this phone from now on, and whoever signed in there before none more. The MOST_DEVICES + 1st of a
    person takes the place of the one that was longest not seen."""
    key = token_key(platform, token)
    mine = (PushDevice.person_id == person_id, PushDevice.device_id == device_id)
    db.session.execute(delete(PushDevice).where(PushDevice.token_hash == key, ~(mine[0] & mine[1])))
    values = {"platform": platform, "token": token, "token_hash": key, "seen_at": clock.db_now()}
    row = insert(PushDevice).values(person_id=person_id, device_id=device_id, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=["person_id", "device_id"], set_=values))
    latest = select(PushDevice.device_id).where(PushDevice.person_id == person_id)
    kept = latest.order_by(PushDevice.seen_at.desc(), PushDevice.device_id).limit(MOST_DEVICES).cte("kept")
    beyond = PushDevice.device_id.not_in(select(kept.c.device_id))
    db.session.execute(delete(PushDevice).where(PushDevice.person_id == person_id, beyond))


def remove_device(person_id: UUID, device_id: UUID) -> None:
    """No push reaches this phone any more; asked twice is asked once."""
    db.session.execute(delete(PushDevice).where(PushDevice.person_id == person_id, PushDevice.device_id == device_id))


def forget_tokens(platform: str, tokens: tuple[str, ...]) -> None:
    """A provider says that these are nobody's any more."""
    keys = [token_key(platform, one) for one in tokens]
    db.session.execute(delete(PushDevice).where(PushDevice.token_hash.in_(keys)))


def token_key(platform: str, token: str) -> bytes:
    return hash_of(f"{platform}:{token}")


def put_contact(person_id: UUID, medium: str, address: str) -> None:
    """Have a code sent there; once it is given back, notices go there. Raises Refused: 422 where this installation
    sends none, 429 soon after the last code and for many in a day: each goes to somebody's address."""
    if not is_open(medium):
        raise bad_field("address", "本站不支持", "This installation sends none there.")
    now = clock.now()
    mine = (NoticeContact.person_id == person_id, NoticeContact.medium == medium)
    db.session.execute(
        insert(NoticeContact)
        .values(person_id=person_id, medium=medium, asked_at=now - timedelta(days=2), asked=0)
        .on_conflict_do_nothing()
    )
    before = db.session.scalars(select(NoticeContact).where(*mine).with_for_update()).one()
    asked = before.asked if _is_same_day(before.asked_at, now) else 0
    if now - before.asked_at < CODE_AGAIN_AFTER or asked >= CODES_A_DAY:
        zh, en = "验证码发送太频繁，请稍后再试", "Too many codes were asked for: try again later."
        wait = int(CODE_AGAIN_AFTER.total_seconds())
        raise Refused(429, "too_many_codes", zh, en, retry_after=wait)
    code = sealing.sealed(SEALED_FOR, f"{secrets.randbelow(1_000_000):06}")
    fresh = {"address": address, "code": code, "asked_at": now, "asked": asked + 1, "tries": 0, "confirmed_at": None}
    db.session.execute(update(NoticeContact).where(*mine).values(**fresh))
    emit(ContactAsked(person_id, medium))


def try_code(person_id: UUID, medium: str, code: str) -> bool:
    """Whether it was the right code; then notices go there. A wrong one counts, so the caller lets this transaction
    commit before he refuses."""
    since = clock.now() - CODE_WITHIN
    mine = (NoticeContact.person_id == person_id, NoticeContact.medium == medium)
    open_one = (*mine, NoticeContact.code.is_not(None), NoticeContact.asked_at > since)
    tried = update(NoticeContact).where(*open_one, NoticeContact.tries < CODE_TRIES)
    sealed = db.session.scalar(tried.values(tries=NoticeContact.tries + 1).returning(NoticeContact.code))
    if sealed is None or not hmac.compare_digest(sealing.opened(SEALED_FOR, sealed).encode(), code.encode()):
        return False
    db.session.execute(update(NoticeContact).where(*mine).values(code=None, confirmed_at=clock.db_now()))
    return True


def remove_contact(person_id: UUID, medium: str) -> None:
    """Nothing is sent there any more; asked twice is asked once. How many codes were asked for stays."""
    mine = (NoticeContact.person_id == person_id, NoticeContact.medium == medium)
    db.session.execute(update(NoticeContact).where(*mine).values(address=None, code=None, confirmed_at=None))


def _is_same_day(one: datetime, other: datetime) -> bool:
    return one.astimezone(CHINA).date() == other.astimezone(CHINA).date()
