"""Questions about messages on their way: what one says."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.core.caller import Ref
from app.core.db import db
from app.operate.notifications.models import Notice
from app.operate.notifications.queries import lines_said, unread_counts
from app.operate.reach.queries import CHANNELS, Message, addresses_of, code_asked, preference_of
from app.operate.sending.models import HELD, NoticeDelivery

NAME = {"zh": "小镇", "en": "Town"}
"""Who sends."""
MOST_DIGESTED = 50


class Taken(NamedTuple):
    """A message that was taken to be sent now; one of `notice_id`, `digest_on` and
    `code_asked_at` says of what it is."""

    id: UUID
    person_id: UUID
    channel: str
    tries: int
    notice_id: UUID | None
    digest_on: date | None
    code_asked_at: datetime | None


def message_of(taken: Taken) -> Message | None:
    """What a message on its way says now; None where nothing is left to say, or nobody to say it to."""
    language = preference_of(taken.person_id).language
    if taken.code_asked_at is not None:
        asked = code_asked(taken.person_id, CHANNELS[taken.channel].medium, taken.code_asked_at)
        return Message(taken.id, (asked[0],), NAME[language], _code_words(asked[1], language)) if asked else None
    addresses = addresses_of(taken.person_id, CHANNELS[taken.channel])
    if not addresses:
        return None
    ids = [taken.notice_id] if taken.notice_id else digested(taken.id)
    said = lines_said(taken.person_id, ids, language)
    if not said:
        return None
    badge = sum(unread_counts(taken.person_id).values())
    if taken.notice_id:
        ref = Ref(said[0]["target"]["kind"], said[0]["target"]["id"])
        return Message(taken.id, addresses, NAME[language], said[0]["words"], ref, badge)
    return Message(taken.id, addresses, *_digest_words([one["words"] for one in said], language), badge=badge)


def digested(digest_id: UUID) -> list[UUID]:
    """The notices that a digest is of, the latest first."""
    held = (NoticeDelivery.digest_id == digest_id, NoticeDelivery.state == HELD)
    unread = (Notice.id == NoticeDelivery.notice_id, Notice.count > 0, Notice.read_at.is_(None))
    wanted = select(Notice.id).where(*held, *unread).order_by(Notice.last_at.desc(), Notice.id).limit(MOST_DIGESTED)
    return list(db.session.scalars(wanted))


def _code_words(code: str, language: str) -> str:
    if language == "en":
        return f"Your code is {code}, good for ten minutes. If you did not ask for it, do nothing."
    return f"你的验证码是 {code}，十分钟内有效。不是你本人操作请忽略。"


def _digest_words(said: Sequence[str], language: str) -> tuple[str, str]:
    if language == "en":
        return f"{len(said)} new notice{'s' * (len(said) > 1)}", "\n".join(said)
    return f"你有 {len(said)} 条新消息", "\n".join(said)
