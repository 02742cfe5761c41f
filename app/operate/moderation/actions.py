"""Reporting, looking through, taking down, restoring; each decision is a row, and a line of the audit log.

Of two moderators who decide about one thing at once one is refused and told: what he closes must still be open.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Update, and_, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import InstrumentedAttribute

from app.community.posts.models import HELD, Post, PostDeletion, PostTakeDown
from app.community.posts.queries import post_for, visible_posts
from app.core import audit, clock, counters
from app.core.caller import Caller, Ref
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.ids import new_id
from app.operate.moderation.kinds import KINDS
from app.operate.moderation.models import (
    ACTS,
    APPROVAL,
    DISMISSAL,
    RESTORE,
    TAKEDOWN,
    Decision,
    QueueEntry,
    Report,
    decided_already,
)
from app.operate.moderation.queries import open_report_or_missing, takedown_or_missing
from app.store.reviews.queries import review_seen
from app.store.secondhand.queries import article_page


def report_post(caller: Caller, post_id: UUID, reason: str, note: str) -> UUID:
    """Tell the moderators of a post; answers the report's id, the same while an earlier one of this person is open.

    Raises Refused 404 for a post that is not open to everybody.
    """
    return _reported(caller, Ref("post", post_id), post_for(None, post_id).author_id, reason, note)


def report_article(caller: Caller, article_id: UUID, reason: str, note: str) -> UUID:
    """Tell the moderators of an article that somebody sells; as report_post."""
    article_page(article_id, None)
    author_id = KINDS["article"].author(article_id)
    if author_id is None:
        raise missing()
    return _reported(caller, Ref("article", article_id), author_id, reason, note)


def report_review(caller: Caller, review_id: UUID, reason: str, note: str) -> UUID:
    """Tell the moderators of a review; as report_post."""
    return _reported(caller, Ref("review", review_id), review_seen(review_id).author_id, reason, note)


def _reported(caller: Caller, of: Ref, author_id: UUID, reason: str, note: str) -> UUID:
    mine = {"kind": of.kind, "subject_id": of.id, "reporter_id": caller.person}
    words = {"reason": reason, "note": note, "at": clock.db_now()}
    wanted = upsert(Report).values(id=new_id(), **mine, **words).on_conflict_do_nothing().returning(Report.id)
    made = db.session.scalar(wanted)
    if made is not None:
        counters.add(author_id, "reports", 1)
        return made
    asked = select(Report.id).filter_by(**mine).where(Report.closed_at.is_(None))
    known = db.session.scalar(asked)
    if known is None:  # decided between the two statements
        zh, en = "请重试", "Try again."
        raise Refused(409, "in_progress", zh, en, retry_after=1)
    return known


def queue_posts(ids: Collection[UUID]) -> None:
    """Let the queue be right about these posts; may be repeated. Three statements, however many.

    To be looked at is a post that everybody sees, or that is held, unless a moderator has looked at it as it is now.
    What left everybody's sight leaves the queue. An edited post keeps its place in it.
    """
    version = func.coalesce(Post.edited_at, Post.created_at)
    held = and_(Post.state == HELD, ~_has(PostDeletion.post_id), ~_has(PostTakeDown.post_id))
    is_due = and_(Post.id.in_(ids), or_(visible_posts(), held))
    waiting = (QueueEntry.kind == "post", QueueEntry.subject_id.in_(ids), QueueEntry.closed_at.is_(None))
    db.session.execute(delete(QueueEntry).where(*waiting, QueueEntry.subject_id.not_in(select(Post.id).where(is_due))))
    newer = update(QueueEntry).where(*waiting, Post.id == QueueEntry.subject_id, version > QueueEntry.version)
    db.session.execute(newer.values(version=version))
    known = (QueueEntry.kind == "post", QueueEntry.subject_id == Post.id)
    looked_at = exists().where(*known, QueueEntry.version >= version, Post.state != HELD)
    is_waiting = exists().where(*known, QueueEntry.closed_at.is_(None))
    due = select(func.uuidv7(), literal("post"), Post.id, version, version)
    due = due.where(is_due, ~looked_at, ~is_waiting)
    new = upsert(QueueEntry).from_select(["id", "kind", "subject_id", "version", "at"], due)
    db.session.execute(new.on_conflict_do_nothing())


def approve(caller: Caller, seen: Mapping[UUID, datetime], until: datetime | None = None) -> int:
    """Close these entries of the queue (id: the version that the moderator saw); what is held is published, and reports
    up to `until` are closed. Answers how many: what was decided, hidden or edited meanwhile is left as it is.

    Six statements, however many, and more for each that is held.
    """
    asked = select(QueueEntry).where(QueueEntry.id.in_(seen), QueueEntry.closed_at.is_(None)).order_by(QueueEntry.id)
    locking = asked.with_for_update().execution_options(populate_existing=True)
    entries = [one for one in db.session.scalars(locking) if one.version == seen[one.id]]
    made = [_decision(caller, one.kind, one.subject_id, APPROVAL, "") for one in entries]
    db.session.add_all(made)
    db.session.flush()
    _close_entries(made)
    for kind in sorted({one.kind for one in entries}):
        KINDS[kind].approve([one.subject_id for one in entries if one.kind == kind])
    if until is not None:
        _close(made, Report.at <= until)
    audit.record_all(caller.person, ACTS[APPROVAL], [Ref(one.kind, one.subject_id) for one in entries])
    return len(entries)


def take_down(
    caller: Caller,
    kind: str,
    subject_id: UUID,
    reason: str,
    entry_id: UUID | None = None,
    until: datetime | None = None,
) -> Decision:
    """Hide a thing from everybody but its owner, close its reports, and its entry in the queue.

    `entry_id`, or without it `until`: the entry or the reports that the moderator looked at, of which one must still be
    open. Raises Refused: 422 for an unknown kind, 404 for no such thing, 409 if a take-down of it is in force, or a
    colleague decided.
    """
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise bad_field("kind", f"须为其中之一：{known}", f"Must be one of: {known}.")
    decision = _decided(caller, kind, subject_id, TAKEDOWN, reason)
    KINDS[kind].take_down(subject_id, reason, caller.person)
    entries = _close_entries([decision])
    reported = _close([decision], *([Report.at <= until] if until else []))
    if (entry_id and entry_id not in entries) or (until and not entry_id and not reported):
        raise decided_already()
    _count_takedown(decision, 1)
    return decision


def end_takedown(caller: Caller, takedown_id: UUID) -> bool:
    """Show the thing again. A take-down that is over already stays over: False.

    Raises Refused 404 for no such take-down.
    """
    found = takedown_or_missing(takedown_id)
    in_force = (Decision.id == takedown_id, Decision.ended_at.is_(None))
    if not changed(update(Decision).where(*in_force).values(ended_at=clock.db_now())):
        return False
    _decided(caller, found.kind, found.subject_id, RESTORE, "")
    KINDS[found.kind].restore(found.subject_id)
    _count_takedown(found, -1)
    return True


def dismiss_report(caller: Caller, report_id: UUID, reason: str) -> None:
    """Close a report without doing anything to the thing. Raises Refused 404 for one that is not open."""
    found = open_report_or_missing(report_id)
    decision = _decided(caller, found.kind, found.subject_id, DISMISSAL, reason)
    if not _close([decision], Report.id == report_id):
        raise missing()


def dismiss_reports(caller: Caller, kind: str, subject_id: UUID, until: datetime, reason: str) -> None:
    """Close the reports of a thing up to `until`, the last that the moderator saw. Raises Refused 409 if none is."""
    decision = _decided(caller, kind, subject_id, DISMISSAL, reason)
    if not _close([decision], Report.at <= until):
        raise decided_already()


def close_reports_of_gone(kind: str, ids: Collection[UUID]) -> None:
    """These things are there no more: nobody has anything to decide about them."""
    open_ones = (Report.kind == kind, Report.subject_id.in_(ids), Report.closed_at.is_(None))
    db.session.execute(update(Report).where(*open_ones).values(closed_at=clock.db_now()))


def _has(post_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    return exists().where(post_id == Post.id).correlate(Post)


def _decision(caller: Caller, kind: str, subject_id: UUID, action: str, reason: str) -> Decision:
    return Decision(kind=kind, subject_id=subject_id, action=action, reason=reason, by_id=caller.person)


def _decided(caller: Caller, kind: str, subject_id: UUID, action: str, reason: str) -> Decision:
    decision = _decision(caller, kind, subject_id, action, reason)
    db.session.add(decision)
    db.session.flush()
    audit.record(caller.person, ACTS[action], Ref(kind, subject_id), reason)
    return decision


def _close(decisions: Sequence[Decision], *which: ColumnElement[bool]) -> int:
    """Close the open reports of what was decided about; answers how many."""
    return changed(_closing(Report, decisions).where(*which))


def _close_entries(decisions: Sequence[Decision]) -> list[UUID]:
    """Take what was decided about out of the queue; answers the ids of its entries there: at most one a decision."""
    return list(db.session.scalars(_closing(QueueEntry, decisions).returning(QueueEntry.id)))


def _closing(row: type[Report | QueueEntry], decisions: Sequence[Decision]) -> Update:
    """SQL that closes what is open of the things that these decisions are about."""
    same = (Decision.kind == row.kind, Decision.subject_id == row.subject_id)
    these = update(row).where(Decision.id.in_([one.id for one in decisions]), *same, row.closed_at.is_(None))
    closed = these.values(closed_at=clock.db_now(), decision_id=Decision.id)
    return closed.execution_options(synchronize_session=False)


def _count_takedown(decision: Decision, step: int) -> None:
    author_id = KINDS[decision.kind].author(decision.subject_id)
    if author_id is not None:
        counters.add(author_id, "takedowns", step)
