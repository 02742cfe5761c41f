"""Doors for people who report, and for moderators who decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.clock import iso
from app.core.fields import PageQuery
from app.core.http.door import MODERATOR, Door
from app.core.paging import cursor, values_of
from app.operate.moderation import actions, queries
from app.operate.moderation.models import Decision, Report
from app.operate.moderation.schemas import (
    DismissalIn,
    ReportIn,
    ReportMadeOut,
    ReportPageOut,
    TakedownIn,
    TakedownOut,
    TakedownPageOut,
)

door = Door("moderation")


@door.post("/posts/<uuid:post_id>/reports", takes=ReportIn, gives=ReportMadeOut)
def report_post(caller: Caller, post_id: UUID, given: dict[str, Any]) -> dict[str, UUID]:
    """Tell the moderators of a post. While your report is open, telling again answers the same id."""
    return {"id": actions.report_post(caller, post_id, given["reason"], given["note"])}


@door.post("/reviews/<uuid:review_id>/reports", takes=ReportIn, gives=ReportMadeOut)
def report_review(caller: Caller, review_id: UUID, given: dict[str, Any]) -> dict[str, UUID]:
    """Tell the moderators of a review."""
    return {"id": actions.report_review(caller, review_id, given["reason"], given["note"])}


@door.post("/second-hand/<uuid:article_id>/reports", takes=ReportIn, gives=ReportMadeOut)
def report_article(caller: Caller, article_id: UUID, given: dict[str, Any]) -> dict[str, UUID]:
    """Tell the moderators of an article that somebody sells second-hand."""
    return {"id": actions.report_article(caller, article_id, given["reason"], given["note"])}


@door.get("/desk/reports", asks=PageQuery, gives=ReportPageOut, who=MODERATOR)
def list_reports(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Open reports, the oldest first."""
    found = queries.waiting_reports(asked["limit"] + 1, _place("reports", asked["cursor"]))
    return _page("reports", found, asked["limit"])


@door.post("/desk/reports/<uuid:report_id>/dismissal", takes=DismissalIn, status=204, who=MODERATOR)
def dismiss_report(caller: Caller, report_id: UUID, given: dict[str, Any]) -> None:
    """Close a report without a take-down."""
    actions.dismiss_report(caller, report_id, given["reason"])


@door.get("/desk/takedowns", asks=PageQuery, gives=TakedownPageOut, who=MODERATOR)
def list_takedowns(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Take-downs, in force and ended, the latest first."""
    found = queries.takedowns(asked["limit"] + 1, _place("takedowns", asked["cursor"]))
    return _page("takedowns", found, asked["limit"])


@door.post("/desk/takedowns", takes=TakedownIn, gives=TakedownOut, who=MODERATOR)
def take_down(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Hide a post, product or comment from everybody but its owner, who sees the reason."""
    return _shown(actions.take_down(caller, given["kind"], given["id"], given["reason"]))


@door.delete("/desk/takedowns/<uuid:takedown_id>", who=MODERATOR)
def end_takedown(caller: Caller, takedown_id: UUID) -> None:
    """Show the thing again."""
    actions.end_takedown(caller, takedown_id)


def _page(name: str, found: Sequence[Report | Decision], limit: int) -> dict[str, Any]:
    last = found[limit - 1] if len(found) > limit else None
    following = cursor(f"desk.{name}", [iso(last.at), str(last.id)]) if last else None
    return {"items": [_shown(one) for one in found[:limit]], "next": following}


def _place(name: str, text: str | None) -> queries.Place | None:
    values = values_of(f"desk.{name}", text)
    return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None


def _shown(one: Report | Decision) -> dict[str, Any]:
    """The row, its own kind in the place of its subject's."""
    row = {column.name: getattr(one, column.name) for column in one.__table__.columns}
    kind = "report" if isinstance(one, Report) else one.action
    return {**row, "kind": kind, "subject": {"kind": one.kind, "id": one.subject_id}}
