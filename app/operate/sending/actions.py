"""Sending: a message is taken, its channel called, the answer recorded.

Taking and recording are transactions of their own, and between them none is open. Whoever dies in between leaves the
message to the next, after its lease; so it goes out at least once, under one number. A message is taken by one process
at a time, so that the cap of a day is exact.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.clock import CHINA
from app.core.db import changed, db, in_transaction
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.plain import Row, prepared
from app.operate.notifications.models import PUSH
from app.operate.notifications.queries import usual_media
from app.operate.reach import queries as of
from app.operate.reach.actions import forget_tokens
from app.operate.reach.models import USUAL_PUSHES, Quiet
from app.operate.reach.queries import CHANNELS, Answer
from app.operate.sending.models import (
    DROPPED,
    DUE,
    FAILED,
    HELD,
    LATE,
    SENDING,
    SENT,
    WAITS,
    NoticeDelivery,
    SandboxMessage,
    Verdict,
    Waiting,
    next_digest,
    verdict,
)
from app.operate.sending.queries import Taken, message_of


def enqueue(notice_ids: Collection[UUID]) -> int:
    """A message of each of these notices by each open channel by which its person wants it and can be reached; each
    once, however often this is asked. One statement."""
    is_open = [one for one in CHANNELS.values() if one.is_open()]
    named = {"names": [one.name for one in is_open], "media": [one.medium for one in is_open]}
    platforms = [one.platform for one in is_open]
    asked = {**_usual(), **named, "platforms": platforms, "ids": list(notice_ids)}
    return _ENQUEUE.changed(ahead=clock.ahead(), late=LATE, **asked)


def enqueue_code(person_id: UUID, medium: str) -> None:
    """The code that this person asked for last, once however often this is asked."""
    contact = of.contact_of(person_id, medium)
    if contact is None or contact.code is None:
        return
    [channel] = [one.name for one in CHANNELS.values() if one.medium == medium]
    row = {"person_id": person_id, "channel": channel, "code_asked_at": contact.asked_at}
    times = {"next_try_at": clock.db_now(), "made_at": clock.db_now()}
    db.session.execute(insert(NoticeDelivery).values(id=new_id(), **row, **times).on_conflict_do_nothing())


def take_due(most: int = 50) -> tuple[int, list[Taken]]:
    """(how many messages were due, those of them that are to be sent now, each held for who sends it).

    The others are put off, held for the digest, or dropped. At most six statements.
    """
    _LOCK.rows(name="sending.take")
    now = clock.now()
    today = now.astimezone(CHINA).date()
    rows = _DUE_NOW.rows(most=most, ahead=clock.ahead(), usual=USUAL_PUSHES, today=today, **_usual())
    pushed: Counter[tuple[UUID, str]] = Counter()
    found: dict[UUID, Verdict] = {}
    for row in rows:
        given = found[row.id] = verdict(_waiting(row, pushed[row.person_id, row.channel]), now)
        pushed[row.person_id, row.channel] += given.pushed_on is not None and not row.has_counted
    _write(found)
    held = {(row.person_id, row.channel) for row in rows if found[row.id].state == HELD}
    if held:
        _hold(held, now)
    taken = [Taken(*row[:7])._replace(tries=row.tries + 1) for row in rows if found[row.id].state == SENDING]
    digests = [one.id for one in taken if one.digest_on is not None]
    if digests:
        _FILL.changed(ids=digests)
    return len(rows), taken


def _waiting(row: Row, pushed: int) -> Waiting:
    """`pushed`: how many more of this channel have been taken in this batch."""
    quiet = None if row.quiet_from is None else Quiet(row.quiet_from, row.quiet_to)
    is_notice = row.notice_id is not None
    what = {"is_code": row.code_asked_at is not None, "is_notice": is_notice, "has_counted": row.has_counted}
    of_notice = {"count": row.count if is_notice else 1, "is_read": row.is_read, "is_on": row.is_on}
    wishes = {"quiet": quiet, "digest": row.digest, "cap": row.daily_pushes, "pushed": row.pushed + pushed}
    is_push = CHANNELS[row.channel].medium == PUSH
    return Waiting(row.id, row.tries, is_push=is_push, made_at=row.made_at, **what, **of_notice, **wishes)


def _write(found: Mapping[UUID, Verdict]) -> None:
    """What was decided of these messages. Two statements."""
    _DELETE.changed(ids=[one for one, given in found.items() if not given.state])
    kept = {one: given for one, given in found.items() if given.state}
    _DECIDE.changed(
        ids=list(kept),
        states=[one.state for one in kept.values()],
        nexts=[one.next_try_at for one in kept.values()],
        whys=[one.why for one in kept.values()],
        days=[one.pushed_on for one in kept.values()],
    )


def _hold(held: Collection[tuple[UUID, str]], now: datetime) -> None:
    """A digest for each of these people and channels."""
    at = next_digest(now)
    row = {"digest_on": at.astimezone(CHINA).date(), "next_try_at": at}
    rows = [{"id": new_id(), "person_id": one, "channel": channel, **row} for one, channel in sorted(held)]
    db.session.execute(insert(NoticeDelivery).values(rows).on_conflict_do_nothing())


def _usual() -> dict[str, list[str]]:
    """Which kinds are told by which medium where nobody has said anything, and the medium of each channel."""
    usual = usual_media()
    named = {"names": list(CHANNELS), "media": [one.medium for one in CHANNELS.values()]}
    return {"kinds": [kind for kind, _ in usual], "by": [medium for _, medium in usual], **named}


def send(taken: Taken) -> None:
    """Call the channel, and record what it answers. Opens transactions of its own."""
    message = in_transaction(lambda: message_of(taken))
    if message is None:
        in_transaction(lambda: _end(taken, DROPPED, "nothing to say"))
        return
    answer = CHANNELS[taken.channel].send(message)
    reach("sending.answered")
    in_transaction(lambda: record(taken, answer))


def record(taken: Taken, answer: Answer) -> None:
    """What became of a message that was sent."""
    if answer.gone:
        forget_tokens(CHANNELS[taken.channel].platform, answer.gone)
    for address, body in answer.written:
        written = {"person_id": taken.person_id, "channel": taken.channel, "address": address, "body": dict(body)}
        db.session.add(SandboxMessage(**written))
    if answer.what == of.SENT:
        _end(taken, SENT, "")
    elif answer.what == of.REFUSED or taken.tries > len(WAITS):
        _end(taken, FAILED, answer.why)
    else:
        again = clock.db_now() + timedelta(seconds=WAITS[taken.tries - 1])
        _mine(taken, {"state": DUE, "next_try_at": again, "why": answer.why[:200]})


def forget_sent(most: int = 500) -> int:
    """Forget messages and sandbox copies of 90 days ago; answers how many."""
    return _FORGET.changed(most=most, ahead=clock.ahead()) + _FORGET_COPIES.changed(most=most, ahead=clock.ahead())


def _end(taken: Taken, state: str, why: str) -> None:
    values: dict[str, Any] = {"state": state, "why": why[:200], "next_try_at": None}
    if state == SENT:
        values["sent_at"] = clock.db_now()
    else:
        values["pushed_on"] = None
    _mine(taken, values)
    if taken.digest_on is not None:
        held = (NoticeDelivery.digest_id == taken.id, NoticeDelivery.state == HELD)
        told = {"sent_at": clock.db_now()} if state == SENT else {}
        db.session.execute(update(NoticeDelivery).where(*held).values(state=state, why="digest", **told))


def _mine(taken: Taken, values: Mapping[str, Any]) -> None:
    """Change a message that is still held by who took it: not one that was taken again after its lease."""
    held = (NoticeDelivery.id == taken.id, NoticeDelivery.state == SENDING, NoticeDelivery.tries == taken.tries)
    changed(update(NoticeDelivery).where(*held).values(**values))


_LOCK = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 12))")
_ON = (
    "coalesce((SELECT s.is_on FROM notifications_switches s WHERE s.person_id = n.person_id AND s.kind = n.kind"
    "  AND s.medium = c.medium), EXISTS (SELECT FROM unnest(CAST(:kinds AS text[]), CAST(:by AS text[]))"
    "  AS u (kind, by) WHERE u.kind = n.kind AND u.by = c.medium))"
    " AND coalesce((SELECT s.is_on FROM notifications_switches s WHERE s.person_id = n.person_id AND s.kind = n.kind"
    "  AND s.medium = 'inbox'), true)"
)
_ENQUEUE = prepared(
    "INSERT INTO sending_deliveries (id, person_id, channel, notice_id, next_try_at, made_at)"
    " SELECT uuidv7(), n.person_id, c.name, n.id, now() + :ahead, now() + :ahead FROM notifications_notices n,"
    "  unnest(CAST(:names AS text[]), CAST(:media AS text[]), CAST(:platforms AS text[])) AS c (name, medium, platform)"
    " WHERE n.id = ANY(CAST(:ids AS uuid[])) AND n.count > 0 AND n.read_at IS NULL"
    f"  AND n.last_at > now() + :ahead - :late AND {_ON}"
    "  AND (EXISTS (SELECT FROM reach_devices d WHERE d.person_id = n.person_id AND d.platform = c.platform)"
    "   OR EXISTS (SELECT FROM reach_contacts k WHERE k.person_id = n.person_id AND k.medium = c.medium"
    "    AND k.confirmed_at IS NOT NULL)) ON CONFLICT DO NOTHING"
)
_DUE_NOW = prepared(
    "SELECT d.id, d.person_id, d.channel, d.tries, d.notice_id, d.digest_on, d.code_asked_at, d.made_at, n.count,"
    "  n.read_at IS NOT NULL AS is_read, n.id IS NULL OR ("
    f"{_ON}) AS is_on, d.pushed_on IS NOT DISTINCT FROM CAST(:today AS date) AS has_counted,"
    "  p.quiet_from, p.quiet_to, coalesce(p.digest, 'off') AS digest, coalesce(p.daily_pushes, :usual) AS daily_pushes,"
    "  (SELECT count(*) FROM sending_deliveries o WHERE o.person_id = d.person_id AND o.channel = d.channel"
    "    AND o.pushed_on = CAST(:today AS date) AND o.id <> d.id) AS pushed"
    " FROM sending_deliveries d"
    " JOIN unnest(CAST(:names AS text[]), CAST(:media AS text[])) AS c (name, medium) ON c.name = d.channel"
    " LEFT JOIN notifications_notices n ON n.id = d.notice_id"
    " LEFT JOIN reach_preferences p ON p.person_id = d.person_id"
    " WHERE d.next_try_at <= now() + :ahead ORDER BY d.next_try_at, d.id LIMIT :most FOR UPDATE OF d SKIP LOCKED"
)
_DELETE = prepared("DELETE FROM sending_deliveries WHERE id = ANY(CAST(:ids AS uuid[]))")
_DECIDE = prepared(
    "UPDATE sending_deliveries d SET state = v.state, next_try_at = v.next_try_at, why = v.why,"
    "  pushed_on = v.pushed_on, tries = d.tries + CASE WHEN v.state = 'sending' THEN 1 ELSE 0 END"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:nexts AS timestamptz[]), CAST(:whys AS text[]),"
    "  CAST(:days AS date[])) AS v (id, state, next_try_at, why, pushed_on) WHERE d.id = v.id"
)
_FILL = prepared(
    "UPDATE sending_deliveries h SET digest_id = d.id FROM sending_deliveries d"
    " WHERE d.id = ANY(CAST(:ids AS uuid[])) AND h.person_id = d.person_id AND h.channel = d.channel"
    "  AND h.state = 'held'"
)
_FORGET = prepared(
    "WITH old AS (SELECT id FROM sending_deliveries WHERE made_at < now() + :ahead - interval '90 days'"
    "  ORDER BY made_at LIMIT :most FOR UPDATE SKIP LOCKED)"
    " DELETE FROM sending_deliveries d USING old WHERE d.id = old.id"
)
_FORGET_COPIES = prepared(
    "WITH old AS (SELECT id FROM sending_sandbox WHERE at < now() + :ahead - interval '90 days'"
    "  LIMIT :most FOR UPDATE SKIP LOCKED) DELETE FROM sending_sandbox s USING old WHERE s.id = old.id"
)
