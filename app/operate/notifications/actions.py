"""Making notices agree with what is so; reading them; forgetting old ones.

Facts only say where to look (kinds/base), so they may be heard twice, late or in another order. Of one kind one
transaction at a time writes, or what one looked up a moment ago could undo what another has just learned.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Select,
    Uuid,
    bindparam,
    column,
    delete,
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.clock import CHINA
from app.core.db import db
from app.core.events import emit_all
from app.core.plain import Row, prepared
from app.operate.notifications.events import FriendsToldInPart, NoticeRaised, NoticesLeft
from app.operate.notifications.kinds import KINDS
from app.operate.notifications.kinds.base import Happening, Key, Kind
from app.operate.notifications.kinds.friend_shared import Friends
from app.operate.notifications.kinds.friend_shared import kind as friend_shared
from app.operate.notifications.models import INBOX, KEPT_DAYS, Notice, NoticePart, NoticeSwitch
from app.people.social.queries import are_friends, are_near, is_muted

MOST, MOST_TOLD = 5000, 500
"""Parts that one transaction takes away; friends that one looks at."""


def hear(kind: Kind, facts: Sequence[Any]) -> None:
    """Let the notices of this kind agree with what is so now of what these facts are about. A constant number of
    statements; may be repeated."""
    keys, subjects = kind.keys(facts), kind.subjects(facts)
    if not (keys or subjects):
        return
    lock(kind)
    if keys:
        happenings = kind.truth(keys)
        if kind.is_undone:
            _lower(_take_untrue(kind, keys, happenings))
        put(kind, happenings)
    if subjects:
        take_gone(kind, subjects)


def lock(kind: Kind) -> None:
    """Until this transaction ends nobody else writes notices of this kind."""
    _LOCK.rows(name=f"notices:{kind.name}")


def put(kind: Kind, happenings: Sequence[Happening]) -> None:
    """Add these to the notices of whoever wants to know. Those to which something came that was not there before are
    unread again. Five statements."""
    wanted = _welcome(kind, happenings)
    if not wanted:
        return
    added = _add_parts(kind, wanted)
    numbers = Counter(row.notice_id for row in added)
    last: dict[UUID, datetime] = {}
    for row in added:
        last[row.notice_id] = max(row.at, last.get(row.notice_id, row.at))
    ids = sorted(numbers)
    if ids:
        raised = _RAISE.rows(ids=ids, numbers=[numbers[one] for one in ids], ats=[last[one] for one in ids])
        emit_all([NoticeRaised(row.id) for row in raised if row.is_fresh])


def take_gone(kind: Kind, subjects: Collection[UUID]) -> None:
    """Nobody is told any more of what is gone; up to MOST parts, and a fact for the rest."""
    taken = _take_of(kind, kind.gone(subjects))
    _lower(taken)
    if len(taken) == MOST:
        emit_all([NoticesLeft(kind.name, one) for one in sorted(subjects)])


def tell_friends(posts: Collection[tuple[UUID, UUID]]) -> None:
    """Tell of each of these posts its author's friends above an id. At most MOST_TOLD are looked at in one transaction,
    and a fact is left for the others. Eight statements a post."""
    lock(friend_shared)
    room, left = MOST_TOLD, []
    for post_id, after in sorted(posts):
        found = friend_shared.friends_to_tell(post_id, after, room) if room else Friends([], 0, after)
        put(friend_shared, found.told)
        room -= found.looked_at
        if found.after is not None:
            left.append(FriendsToldInPart(post_id, found.after))
    emit_all(left)


def keep_apart(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """Of these pairs those that a block keeps apart are in none of each other's notices any more."""
    _part(pairs, ~are_near(_PAIR.c.one, _PAIR.c.other), [name for name, kind in KINDS.items() if kind.is_of_people])


def part_friends(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """Those of these pairs who are friends no more are not told of each other's posts."""
    _part(pairs, ~are_friends(_PAIR.c.one, _PAIR.c.other), [friend_shared.name])


def _part(pairs: Collection[tuple[UUID, UUID]], which: ColumnElement[bool], kinds: Sequence[str]) -> None:
    """Three statements, and a lock for each kind. Only what is so now counts: the fact may be an old one."""
    for name in sorted(kinds):
        lock(KINDS[name])
    asked = {"ones": [one for one, _ in pairs], "others": [other for _, other in pairs]}
    found = db.session.execute(select(_PAIR.c.one, _PAIR.c.other).where(which), asked).all()
    both = [*((one, other) for one, other in found), *((other, one) for one, other in found)]
    people, sources = [one for one, _ in both], [other for _, other in both]
    _lower(_PART.rows(people=people, sources=sources, kinds=list(kinds)))


def forget_old(most: int = 100) -> int:
    """Forget notices of which nothing new came for KEPT_DAYS, and empty ones after two days; answers how many.

    The facts of what is forgotten are older than that, too: `put` takes none of them in again."""
    return _FORGET.changed(most=most, ahead=clock.ahead(), days=KEPT_DAYS) + _FORGET_EMPTY.changed(
        most=most, ahead=clock.ahead()
    )


def mark_read(person_id: UUID, ids: Sequence[UUID] | None, tab: str | None, until: datetime | None) -> int:
    """Mark notices of this person read: these, those of a tab, those up to a moment, or all; answers how many were
    unread. Another's are left as they are."""
    asked = {"ids": None if ids is None else list(ids), "tab": tab, "until": until}
    return _READ.changed(person=person_id, ahead=clock.ahead(), **asked)


def set_switches(person_id: UUID, kinds: Mapping[str, Mapping[str, bool]]) -> None:
    """Switch media of kinds on or off; what is not named stays. What is as it usually is has no row."""
    for kind, media in sorted(kinds.items()):
        for medium, is_on in sorted(media.items()):
            this = {"person_id": person_id, "kind": kind, "medium": medium}
            if is_on == (medium in KINDS[kind].media):
                db.session.execute(delete(NoticeSwitch).filter_by(**this))
            else:
                row = insert(NoticeSwitch).values(**this, is_on=is_on)
                key = ["person_id", "kind", "medium"]
                db.session.execute(row.on_conflict_do_update(index_elements=key, set_={"is_on": is_on}))


def _welcome(kind: Kind, happenings: Sequence[Happening]) -> list[Happening]:
    """Those that are not too old, and not about the person himself, nor somebody whom he has blocked, muted, or who
    has blocked him; of those who have not switched the kind off. One query."""
    oldest = clock.now() - timedelta(days=KEPT_DAYS)
    lately = [one for one in happenings if one.at > oldest]
    if not lately:
        return []
    asked = func.unnest(
        *(bindparam(name, type_=ARRAY(Uuid)) for name in ("people", "targets", "sources")),
        bindparam("ats", type_=ARRAY(DateTime(timezone=True))),
    ).table_valued(
        column("person_id", Uuid), column("target_id", Uuid), column("source_id", Uuid), column("at", DateTime(True))
    )
    one = asked.render_derived("asked").c
    is_off = exists().where(
        NoticeSwitch.person_id == one.person_id,
        NoticeSwitch.kind == kind.name,
        NoticeSwitch.medium == INBOX,
        ~NoticeSwitch.is_on,
    )
    wanted = select(one.person_id, one.target_id, one.source_id, one.at).where(~is_off)
    if kind.is_of_people:
        near = are_near(one.person_id, one.source_id)
        wanted = wanted.where(one.person_id != one.source_id, near, ~is_muted(one.person_id, one.source_id))
    return [Happening(*row) for row in db.session.execute(wanted, _columns(lately))]


def _add_parts(kind: Kind, wanted: Sequence[Happening]) -> list[Row]:
    """Those parts that were not there, with their notices."""
    columns = _columns(wanted)
    _NEW.changed(kind=kind.name, tab=kind.tab, **columns)
    return _ADD.rows(kind=kind.name, **columns)


def _take_untrue(kind: Kind, keys: Collection[Key], true: Sequence[Happening]) -> list[Row]:
    asked = sorted(keys, key=str)
    looked = {"key_targets": [one.target_id for one in asked], "key_sources": [one.source_id for one in asked]}
    return _UNTRUE.rows(kind=kind.name, **looked, **_columns(true))


def _take_of(kind: Kind, targets: Select[UUID]) -> Sequence[Any]:
    those = select(NoticePart.notice_id, NoticePart.source_id).join(Notice, Notice.id == NoticePart.notice_id)
    doomed = those.where(Notice.kind == kind.name, Notice.target_id.in_(targets)).limit(MOST).cte("doomed")
    mine = tuple_(NoticePart.notice_id, NoticePart.source_id).in_(select(doomed.c.notice_id, doomed.c.source_id))
    return db.session.execute(delete(NoticePart).where(mine).returning(NoticePart.notice_id)).all()


def _lower(taken: Sequence[Row]) -> None:
    """So many parts fewer in each notice; what was its last happening is so no more, perhaps."""
    numbers = Counter(row.notice_id for row in taken)
    ids = sorted(numbers)
    if ids:
        _LOWER.changed(ids=ids, numbers=[numbers[one] for one in ids])


def _columns(happenings: Sequence[Happening]) -> dict[str, list[Any]]:
    return {
        "people": [one.person_id for one in happenings],
        "targets": [one.target_id for one in happenings],
        "sources": [one.source_id for one in happenings],
        "ats": [one.at for one in happenings],
        "days": [one.at.astimezone(CHINA).date() for one in happenings],
    }


_PAIR = (
    func.unnest(bindparam("ones", type_=ARRAY(Uuid)), bindparam("others", type_=ARRAY(Uuid)))
    .table_valued(column("one", Uuid), column("other", Uuid))
    .render_derived("pair")
)
_LOCK = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 12))")
_WANTED = (
    "unnest(CAST(:people AS uuid[]), CAST(:targets AS uuid[]), CAST(:sources AS uuid[]), CAST(:ats AS timestamptz[]),"
    " CAST(:days AS date[])) AS w (person_id, target_id, source_id, at, day)"
)
_NEW = prepared(
    "INSERT INTO notifications_notices (id, person_id, kind, tab, target_id, day, last_at)"
    " SELECT uuidv7(), w.person_id, CAST(:kind AS text), CAST(:tab AS text), w.target_id, w.day, max(w.at)"
    f" FROM {_WANTED} GROUP BY w.person_id, w.target_id, w.day ON CONFLICT DO NOTHING"
)
_ADD = prepared(
    "INSERT INTO notifications_parts (notice_id, source_id, at)"
    f" SELECT n.id, w.source_id, w.at FROM {_WANTED} JOIN notifications_notices n ON n.person_id = w.person_id"
    "  AND n.kind = :kind AND n.target_id = w.target_id AND n.day = w.day"
    " ON CONFLICT DO NOTHING RETURNING notice_id, at"
)
_RAISE = prepared(
    "UPDATE notifications_notices n SET count = n.count + c.number, read_at = NULL,"
    "  last_at = CASE WHEN n.count = 0 THEN c.at ELSE greatest(n.last_at, c.at) END"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS bigint[]), CAST(:ats AS timestamptz[])) AS c (id, number, at)"
    " WHERE n.id = c.id RETURNING n.id, n.count = c.number AS is_fresh"
)
_UNTRUE = prepared(
    "WITH untrue AS (SELECT p.notice_id, p.source_id"
    "  FROM unnest(CAST(:key_targets AS uuid[]), CAST(:key_sources AS uuid[])) AS k (target_id, source_id)"
    "  JOIN notifications_notices n ON n.kind = :kind AND n.target_id = k.target_id"
    "  JOIN notifications_parts p ON p.notice_id = n.id AND p.source_id = coalesce(k.source_id, p.source_id)"
    f" WHERE NOT EXISTS (SELECT FROM {_WANTED} WHERE w.person_id = n.person_id AND w.target_id = n.target_id"
    "  AND w.source_id = p.source_id AND w.day = n.day))"
    " DELETE FROM notifications_parts p USING untrue u"
    " WHERE p.notice_id = u.notice_id AND p.source_id = u.source_id RETURNING p.notice_id"
)
_LOWER = prepared(
    "UPDATE notifications_notices n SET count = n.count - c.number,"
    "  last_at = coalesce((SELECT max(p.at) FROM notifications_parts p WHERE p.notice_id = n.id), n.last_at)"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS bigint[])) AS c (id, number) WHERE n.id = c.id"
)
_PART = prepared(
    "DELETE FROM notifications_parts p USING notifications_notices n,"
    "  unnest(CAST(:people AS uuid[]), CAST(:sources AS uuid[])) AS k (person_id, source_id)"
    " WHERE p.source_id = k.source_id AND n.id = p.notice_id AND n.person_id = k.person_id"
    "  AND n.kind = ANY(CAST(:kinds AS text[])) RETURNING p.notice_id"
)
_OLD = (
    "WITH old AS (SELECT id FROM notifications_notices WHERE {which} ORDER BY last_at LIMIT :most"
    " FOR UPDATE SKIP LOCKED) DELETE FROM notifications_notices n USING old WHERE n.id = old.id"
)
_FORGET = prepared(_OLD.format(which="last_at < now() + :ahead - make_interval(days => :days)"))
_FORGET_EMPTY = prepared(_OLD.format(which="count = 0 AND last_at < now() + :ahead - interval '2 days'"))
_READ = prepared(
    "UPDATE notifications_notices SET read_at = now() + :ahead"
    " WHERE person_id = :person AND count > 0 AND read_at IS NULL"
    "  AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))"
    "  AND (CAST(:tab AS text) IS NULL OR tab = CAST(:tab AS text))"
    "  AND (CAST(:until AS timestamptz) IS NULL OR last_at <= CAST(:until AS timestamptz))"
)
