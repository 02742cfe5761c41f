"""Reporting, taking down, restoring; each decision leaves its audit row."""

from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from app.community.posts.queries import is_open
from app.core import clock
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.ids import new_id
from app.operate.moderation.kinds import KINDS
from app.operate.moderation.models import DISMISSAL, RESTORE, TAKEDOWN, Decision, Report
from app.operate.moderation.queries import open_report_or_missing, takedown_or_missing


def report_post(caller: Caller, post_id: UUID, reason: str, note: str) -> UUID:
    """Tell the moderators of a post; answers the report's id, the same while an earlier one of this person is open.

    Raises Refused 404 for a post that is not open to everybody.
    """
    if not is_open(post_id):
        raise missing()
    mine = {"kind": "post", "subject_id": post_id, "reporter_id": caller.person}
    words = {"reason": reason, "note": note, "at": clock.db_now()}
    wanted = insert(Report).values(id=new_id(), **mine, **words).on_conflict_do_nothing().returning(Report.id)
    made = db.session.scalar(wanted)
    if made is not None:
        return made
    asked = select(Report.id).filter_by(**mine).where(Report.closed_at.is_(None))
    known = db.session.scalar(asked)
    if known is None:  # decided between the two statements
        zh, en = "请重试", "Try again."
        raise Refused(409, "in_progress", zh, en, retry_after=1)
    return known


def take_down(caller: Caller, kind: str, subject_id: UUID, reason: str) -> Decision:
    """Hide a thing from everybody but its owner, and close its reports.

    Raises Refused: 422 for an unknown kind, 404 for no such thing, 409 if a take-down of it is in force.
    """
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise bad_field("kind", f"须为其中之一:{known}", f"Must be one of: {known}.")
    decision = _decided(caller, kind, subject_id, TAKEDOWN, reason)
    KINDS[kind].take_down(subject_id, reason, caller.person)
    _close(decision, Report.kind == kind, Report.subject_id == subject_id)
    return decision


def end_takedown(caller: Caller, takedown_id: UUID) -> None:
    """Show the thing again. A take-down that is over already stays over.

    Raises Refused 404 for no such take-down.
    """
    found = takedown_or_missing(takedown_id)
    in_force = (Decision.id == takedown_id, Decision.ended_at.is_(None))
    if changed(update(Decision).where(*in_force).values(ended_at=clock.db_now())):
        _decided(caller, found.kind, found.subject_id, RESTORE, "")
        KINDS[found.kind].restore(found.subject_id)


def dismiss_report(caller: Caller, report_id: UUID, reason: str) -> None:
    """Close a report without doing anything to the thing. Raises Refused 404 for one that is not open."""
    found = open_report_or_missing(report_id)
    decision = _decided(caller, found.kind, found.subject_id, DISMISSAL, reason)
    if not _close(decision, Report.id == report_id):
        raise missing()


def _decided(caller: Caller, kind: str, subject_id: UUID, action: str, reason: str) -> Decision:
    decision = Decision(kind=kind, subject_id=subject_id, action=action, reason=reason, by_id=caller.person)
    db.session.add(decision)
    db.session.flush()
    return decision


def _close(decision: Decision, *which: ColumnElement[bool]) -> int:
    closed = {"closed_at": clock.db_now(), "decision_id": decision.id}
    return changed(update(Report).where(Report.closed_at.is_(None), *which).values(**closed))
