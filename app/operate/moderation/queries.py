"""Questions of moderators."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, literal, select, tuple_

from app.community.posts.queries import posts_of_author
from app.core.db import db
from app.core.errors import missing
from app.operate.moderation.kinds import KINDS
from app.operate.moderation.kinds.base import Thing
from app.operate.moderation.models import TAKEDOWN, Decision, QueueEntry, Report
from app.people.accounts.queries import AuthorCard, author_cards

Place = tuple[datetime, UUID]
"""Where a page goes on: the time and id of the last row before it."""
Subject = tuple[str, UUID]
"""A thing: its kind and id."""
REASONS_SHOWN = 5
"""So many open reports of a thing are shown in full, the latest."""
MOST_COUNTED = 1000
"""What waits is counted so far: beyond it a moderator needs no number."""


@dataclass
class Case:
    """A thing with all that a moderator decides by. `entry`: it waits in the queue; `reports`: the latest of
    `report_count` open ones, `until` the time of the last; `takedown`: the one in force."""

    thing: Thing
    entry: QueueEntry | None = None
    takedown: Decision | None = None
    reports: list[Report] = field(default_factory=list)
    report_count: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, counted up to MOST_COUNTED: entries of the queue, things reported, take-downs in force."""

    new: int
    reported: int
    takedowns: int


def takedown_or_missing(takedown_id: UUID) -> Decision:
    """A take-down, in force or ended. Raises Refused 404."""
    found = db.session.get(Decision, takedown_id)
    if found is None or found.action != TAKEDOWN:
        raise missing()
    return found


def open_report_or_missing(report_id: UUID) -> Report:
    """A report that waits. Raises Refused 404, also for one that is decided."""
    found = db.session.get(Report, report_id)
    if found is None or found.closed_at is not None:
        raise missing()
    return found


def takedowns(limit: int, after: Place | None) -> Sequence[Decision]:
    """Take-downs, the latest first."""
    asked = select(Decision).where(Decision.action == TAKEDOWN)
    return _latest_first(asked, limit, after)


def waiting_reports(limit: int, after: Place | None) -> Sequence[Report]:
    """Open reports, the oldest first."""
    asked = select(Report).where(Report.closed_at.is_(None))
    if after is not None:
        asked = asked.where(tuple_(Report.at, Report.id) > after)
    return db.session.scalars(asked.order_by(Report.at, Report.id).limit(limit)).all()


def takedowns_in_force(limit: int, after: Place | None) -> Sequence[Decision]:
    """Take-downs that are in force, the latest first."""
    return _latest_first(select(Decision).where(*_IN_FORCE), limit, after)


def waiting_entries(limit: int, after: Place | None) -> Sequence[QueueEntry]:
    """What waits to be looked at, the oldest first: so everything has its turn, however much comes in."""
    asked = select(QueueEntry).where(QueueEntry.closed_at.is_(None))
    if after is not None:
        asked = asked.where(tuple_(QueueEntry.at, QueueEntry.id) > tuple_(*map(literal, after)))
    return db.session.scalars(asked.order_by(QueueEntry.at, QueueEntry.id).limit(limit)).all()


def reported_subjects(limit: int, after: Place | None) -> list[tuple[Subject, datetime]]:
    """Things with open reports, and when the first of these was made; the longest waiting first."""
    first = func.min(Report.at)
    asked = select(Report.kind, Report.subject_id, first).where(Report.closed_at.is_(None))
    asked = asked.group_by(Report.kind, Report.subject_id)
    if after is not None:
        asked = asked.having(tuple_(first, Report.subject_id) > tuple_(*map(literal, after)))
    rows = db.session.execute(asked.order_by(first, Report.subject_id).limit(limit))
    return [((kind, subject_id), at) for kind, subject_id, at in rows]


def posts_before(person_id: UUID, before: UUID | None, limit: int) -> list[UUID]:
    """A person's posts, the newest first: those with ids below `before`, also such as `cases` leaves out."""
    return posts_of_author(person_id, before or UUID(int=2**128 - 1), limit)


def waiting() -> Waiting:
    """One query."""
    new = select(QueueEntry.id).where(QueueEntry.closed_at.is_(None))
    reported = select(Report.subject_id).where(Report.closed_at.is_(None)).distinct()
    found = [one.limit(MOST_COUNTED).subquery() for one in (new, reported, select(Decision.id).where(*_IN_FORCE))]
    counted = [select(func.count()).select_from(one).scalar_subquery() for one in found]
    return Waiting(*db.session.execute(select(*counted)).one())


def cases(subjects: Sequence[Subject]) -> list[Case]:
    """These things with all that a moderator decides by, in their order. Left out are those that never were, and
    drafts and what is deleted, unless it was reported or decided about.

    At most 13 queries, however many things.
    """
    ids: dict[str, list[UUID]] = defaultdict(list)
    for kind, subject_id in subjects:
        ids[kind].append(subject_id)
    things = {(kind, one.id): one for kind, some in ids.items() for one in KINDS[kind].shown(some).values()}
    closed = _without_business({subject for subject, one in things.items() if one.is_private_matter})
    found = {subject: Case(things[subject]) for subject in subjects if subject in things and subject not in closed}
    wanted = [subject_id for _, subject_id in found]
    _add_entries(found, wanted)
    _add_takedowns(found, wanted)
    _add_reports(found, wanted)
    return list(found.values())


def case_or_missing(kind: str, subject_id: UUID) -> Case:
    """One thing. Raises Refused 404."""
    found = cases([(kind, subject_id)])
    if not found:
        raise missing()
    return found[0]


def titles_of(subjects: Collection[Subject]) -> dict[Subject, str]:
    """What these things are called: a title, or the first words. At most 9 queries, however many things."""
    found = {}
    for kind in KINDS:
        for one in KINDS[kind].shown({subject_id for of, subject_id in subjects if of == kind}).values():
            found[kind, one.id] = one.title or one.body[:30]
    return found


def decisions_about(kind: str, subject_id: UUID, limit: int) -> Sequence[Decision]:
    """What was decided about a thing, the latest first."""
    return _latest_first(select(Decision).where(Decision.kind == kind, Decision.subject_id == subject_id), limit, None)


def names_of(ids: Collection[UUID | None]) -> dict[UUID, AuthorCard]:
    """The people behind reports and decisions, by id. One query."""
    return author_cards({one for one in ids if one is not None})


_IN_FORCE = (Decision.action == TAKEDOWN, Decision.ended_at.is_(None))


def _latest_first(asked: Select[Decision], limit: int, after: Place | None) -> Sequence[Decision]:
    if after is not None:
        asked = asked.where(tuple_(Decision.at, Decision.id) < after)
    return db.session.scalars(asked.order_by(Decision.at.desc(), Decision.id.desc()).limit(limit)).all()


def _without_business(subjects: Collection[Subject]) -> set[Subject]:
    """Those of these that nobody reported or decided about. (A closed report has its decision.) One query at most."""
    if not subjects:
        return set()
    ids = [subject_id for _, subject_id in subjects]
    decided = select(Decision.kind, Decision.subject_id).where(Decision.subject_id.in_(ids))
    reported = select(Report.kind, Report.subject_id).where(Report.subject_id.in_(ids), Report.closed_at.is_(None))
    return set(subjects) - {(kind, subject_id) for kind, subject_id in db.session.execute(decided.union(reported))}


def _add_entries(found: dict[Subject, Case], ids: list[UUID]) -> None:
    asked = select(QueueEntry).where(QueueEntry.subject_id.in_(ids), QueueEntry.closed_at.is_(None))
    for one in db.session.scalars(asked):
        if (one.kind, one.subject_id) in found:
            found[one.kind, one.subject_id].entry = one


def _add_takedowns(found: dict[Subject, Case], ids: list[UUID]) -> None:
    for one in db.session.scalars(select(Decision).where(Decision.subject_id.in_(ids), *_IN_FORCE)):
        if (one.kind, one.subject_id) in found:
            found[one.kind, one.subject_id].takedown = one


def _add_reports(found: dict[Subject, Case], ids: list[UUID]) -> None:
    """The latest open reports of each, how many there are, and when the last was made. One query."""
    same = (Report.kind, Report.subject_id)
    ranked = select(
        Report.id,
        func.row_number().over(partition_by=same, order_by=(Report.at.desc(), Report.id)).label("place"),
        func.count().over(partition_by=same).label("number"),
        func.max(Report.at).over(partition_by=same).label("until"),
    ).where(Report.subject_id.in_(ids), Report.closed_at.is_(None))
    top = ranked.subquery()
    asked = select(Report, top.c.number, top.c.until).join(top, top.c.id == Report.id)
    for one, number, until in db.session.execute(asked.where(top.c.place <= REASONS_SHOWN).order_by(top.c.place)):
        case = found.get((one.kind, one.subject_id))
        if case is not None:
            case.reports.append(one)
            case.report_count, case.until = number, until
