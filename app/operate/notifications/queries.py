"""Questions about notices: the inbox, and how much of it is unread."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, exists, func, literal, select, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.operate.notifications.kinds import KINDS
from app.operate.notifications.kinds.base import Seen
from app.operate.notifications.models import MEDIA, TABS, Notice, NoticePart, NoticeSwitch
from app.people.accounts.queries import AuthorCard, author_cards
from app.people.social.queries import are_near, is_muted

ACTORS_SHOWN = 3
KIND_NAMES = tuple(sorted(KINDS))


class Line(NamedTuple):
    """A notice with the latest of its people that its reader is shown."""

    notice: Notice
    sources: list[UUID]


def notice_page(
    person_id: UUID, tab: str | None, limit: int, cursor: str | None, language: str
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a person's inbox, the latest first, and the next cursor. What he may not see any more, and what is of
    muted people alone, is left out, so a page may be short. A constant number of queries."""
    scope = f"notifications:{person_id}:{tab or ''}"
    wanted = select(Notice, _latest(literal(person_id))).where(Notice.person_id == person_id, Notice.count > 0)
    if tab is not None:
        wanted = wanted.where(Notice.tab == tab)
    place = paging.values_of(scope, cursor)
    if place is not None:
        before = (literal(datetime.fromisoformat(place[0])), literal(UUID(place[1])))
        wanted = wanted.where(tuple_(Notice.last_at, Notice.id) < tuple_(*before))
    rows = db.session.execute(wanted.order_by(Notice.last_at.desc(), Notice.id.desc()).limit(limit + 1)).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    items = items_of(person_id, [Line(*row) for row in rows[:limit]], language)
    return items, paging.cursor(scope, [iso(last.last_at), str(last.id)]) if last else None


def unread_counts(person_id: UUID) -> dict[str, int]:
    """How many unread notices are in each tab. One query."""
    shown = exists().where(NoticePart.notice_id == Notice.id, ~is_muted(literal(person_id), NoticePart.source_id))
    unread = (Notice.person_id == person_id, Notice.count > 0, Notice.read_at.is_(None))
    found = dict(db.session.execute(select(Notice.tab, func.count()).where(*unread, shown).group_by(Notice.tab)).all())
    return {tab: found.get(tab, 0) for tab in TABS}


def lines_said(person_id: UUID, ids: Sequence[UUID], language: str) -> list[dict[str, Any]]:
    """These notices of this person's as the inbox shows them, in this order; those that it does not show left out."""
    mine = (Notice.id.in_(ids), Notice.person_id == person_id, Notice.count > 0)
    rows = db.session.execute(select(Notice, _latest(literal(person_id))).where(*mine)).all() if ids else []
    by_id = {row[0].id: Line(*row) for row in rows}
    return items_of(person_id, [by_id[one] for one in ids if one in by_id], language)


def switches_of(person_id: UUID) -> list[dict[str, Any]]:
    """Each kind of notices, what it is called (said), and by which media this person is told of it. One query."""
    asked = select(NoticeSwitch.kind, NoticeSwitch.medium, NoticeSwitch.is_on)
    rows = db.session.execute(asked.where(NoticeSwitch.person_id == person_id))
    chosen = {(row.kind, row.medium): row.is_on for row in rows}
    return [
        {
            "kind": name,
            "tab": kind.tab,
            "called": kind.called,
            **{medium: chosen.get((name, medium), medium in kind.media) for medium in MEDIA},
        }
        for name, kind in sorted(KINDS.items(), key=lambda one: (TABS.index(one[1].tab), one[0]))
    ]


def usual_media() -> list[tuple[str, str]]:
    """(kind, medium) of all by which people are told who have set nothing."""
    return [(name, medium) for name, kind in sorted(KINDS.items()) for medium in sorted(kind.media)]


def items_of(person_id: UUID, lines: Sequence[Line], language: str) -> list[dict[str, Any]]:
    """Those of these lines that there is anything to say of, as the inbox shows them."""
    known = [one for one in lines if one.notice.kind in KINDS and one.sources]
    seen = _looked_at(person_id, [one.notice for one in known])
    people = {one for line in known if KINDS[line.notice.kind].is_of_people for one in line.sources}
    cards = author_cards(people)
    return [
        _item(line, seen[line.notice.kind, line.notice.target_id], cards, language)
        for line in known
        if (line.notice.kind, line.notice.target_id) in seen
    ]


def _item(line: Line, seen: Seen, cards: Mapping[UUID, AuthorCard], language: str) -> dict[str, Any]:
    notice, kind = line.notice, KINDS[line.notice.kind]
    actors = [cards[one] for one in line.sources if one in cards]
    names = [one["nickname"] for one in actors]
    return {
        "id": notice.id,
        "kind": notice.kind,
        "tab": notice.tab,
        "count": notice.count,
        "actors": actors,
        "target": {"kind": seen.ref.kind, "id": seen.ref.id, "title": seen.title},
        "words": kind.words(names, notice.count, seen, language),
        "read": notice.read_at is not None,
        "at": notice.last_at,
    }


def _looked_at(person_id: UUID, notices: Collection[Notice]) -> dict[tuple[str, UUID], Seen]:
    """What these notices are about, as far as the person may see it. Things of one sort are asked for together."""
    ids: dict[Any, set[UUID]] = {}
    for one in notices:
        ids.setdefault(KINDS[one.kind].look, set()).add(one.target_id)
    found = {look: look(person_id, targets) for look, targets in ids.items()}
    seen = {}
    for one in notices:
        about = found[KINDS[one.kind].look].get(one.target_id)
        if about is not None:
            seen[one.kind, one.target_id] = about
    return seen


def _latest(viewer: ColumnElement[UUID]) -> ColumnElement[list[UUID]]:
    """SQL: of a Notice, where its latest parts came of, but for people whom its reader is not shown."""
    shown = (are_near(viewer, NoticePart.source_id), ~is_muted(viewer, NoticePart.source_id))
    latest = select(NoticePart.source_id).where(NoticePart.notice_id == Notice.id, *shown).correlate(Notice)
    latest = latest.order_by(NoticePart.at.desc(), NoticePart.source_id).limit(ACTORS_SHOWN)
    return func.array(latest.scalar_subquery(), type_=ARRAY(Uuid))
