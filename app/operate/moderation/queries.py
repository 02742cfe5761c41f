"""Questions of moderators."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from app.core.db import db
from app.core.errors import missing
from app.operate.moderation.models import TAKEDOWN, Decision, Report

Place = tuple[datetime, UUID]
"""Where a page goes on: the time and id of the last row before it."""


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
    if after is not None:
        asked = asked.where(tuple_(Decision.at, Decision.id) < after)
    return db.session.scalars(asked.order_by(Decision.at.desc(), Decision.id.desc()).limit(limit)).all()


def waiting_reports(limit: int, after: Place | None) -> Sequence[Report]:
    """Open reports, the oldest first."""
    asked = select(Report).where(Report.closed_at.is_(None))
    if after is not None:
        asked = asked.where(tuple_(Report.at, Report.id) > after)
    return db.session.scalars(asked.order_by(Report.at, Report.id).limit(limit)).all()
