"""Pages of the admin view for moderators: what is new, what is reported, what is taken down, and each thing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import paging
from app.core.caller import Caller
from app.core.clock import iso
from app.core.errors import bad_field
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, came_from, go, page
from app.operate.moderation import actions, queries
from app.operate.moderation.kinds import KINDS
from app.operate.moderation.models import ACTS, decided_already
from app.operate.moderation.queries import Case, Place
from app.operate.moderation.schemas import ApprovalForm, ApprovalsForm, DismissalForm, ListQuery, TakedownForm
from app.people.accounts.queries import author_cards

QUEUE = "/admin/queue"
PAGE, DECISIONS = 20, 20
THING = f"{QUEUE}/<any({','.join(sorted(KINDS))}):kind>/<uuid:subject_id>"
door = PageDoor("moderation", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, QUEUE, "审核", "Queue", order=10)


@door.get(QUEUE)
def show_queue(caller: Caller) -> str:
    """New and edited posts that no moderator has looked at, the oldest first."""
    found = queries.waiting_entries(PAGE + 1, _place("queue"))
    cases = queries.cases([(one.kind, one.subject_id) for one in found[:PAGE]])
    return _list("queue", cases, _next("queue", [(one.at, one.id) for one in found]))


@door.get(f"{QUEUE}/reports")
def show_reports(caller: Caller) -> str:
    """Things with open reports, the longest waiting first."""
    found = queries.reported_subjects(PAGE + 1, _place("reported"))
    cases = queries.cases([subject for subject, _ in found[:PAGE]])
    return _list("reports", cases, _next("reported", [(at, subject[1]) for subject, at in found]))


@door.get(f"{QUEUE}/takedowns")
def show_takedowns(caller: Caller) -> str:
    """What is taken down now, the latest first."""
    found = queries.takedowns_in_force(PAGE + 1, _place("in-force"))
    cases = queries.cases([(one.kind, one.subject_id) for one in found[:PAGE]])
    return _list("takedowns", cases, _next("in-force", [(one.at, one.id) for one in found]))


@door.get(f"{QUEUE}/of/<uuid:person_id>")
def show_posts_of(caller: Caller, person_id: UUID) -> str:
    """What a person posted, the newest first, whatever hides it; but for drafts and what he deleted (queries.cases)."""
    values = paging.values_of(f"desk.of:{person_id}", _asked())
    ids = queries.posts_before(person_id, UUID(values[0]) if values else None, PAGE + 1)
    cursor = paging.cursor(f"desk.of:{person_id}", [str(ids[PAGE - 1])]) if len(ids) > PAGE else None
    who = author_cards([person_id]).get(person_id)
    return _list("of", queries.cases([("post", one) for one in ids[:PAGE]]), cursor, who=who)


@door.get(THING)
def show_thing(caller: Caller, kind: str, subject_id: UUID) -> str:
    """One thing, and what was decided about it."""
    return _thing_page(kind, subject_id)


@door.post(f"{QUEUE}/<uuid:entry_id>/approval")
def approve(caller: Caller, entry_id: UUID) -> AnyResponse:
    """The thing is fine as it was seen; what is held is published."""
    given = ApprovalForm().load(_filled())
    if not actions.approve(caller, {entry_id: given["version"]}, given["until"]):
        raise decided_already()
    return _back()


@door.post(f"{QUEUE}/approvals")
def approve_page(caller: Caller) -> AnyResponse:
    """All that stood on the page is fine; what was decided or edited meanwhile is left as it is."""
    words = [one.partition("@") for one in ApprovalsForm().load(form())["seen"].split()]
    try:
        seen = {UUID(entry_id): datetime.fromisoformat(version) for entry_id, _, version in words}
    except ValueError:
        raise bad_field("seen", "格式不对", "Not a valid list.") from None
    actions.approve(caller, seen)
    return go(QUEUE)


@door.post(f"{THING}/takedown")
def take_down(caller: Caller, kind: str, subject_id: UUID) -> AnyResponse:
    """Hide the thing from everybody but its owner, who sees the reason."""

    def take() -> AnyResponse:
        given = TakedownForm().load(_filled())
        actions.take_down(caller, kind, subject_id, given["reason"], given["entry"], given["until"])
        return _back()

    return submitted(take, lambda faults: _thing_page(kind, subject_id, faults=faults, reason=form().get("reason", "")))


@door.post(f"{THING}/dismissal")
def dismiss(caller: Caller, kind: str, subject_id: UUID) -> AnyResponse:
    """Close the reports that were seen; the thing stays."""
    given = DismissalForm().load(_filled())
    actions.dismiss_reports(caller, kind, subject_id, given["until"], given["reason"])
    return _back()


@door.post(f"{QUEUE}/takedowns/<uuid:takedown_id>/restoration")
def restore(caller: Caller, takedown_id: UUID) -> AnyResponse:
    """Show the thing again."""
    if not actions.end_takedown(caller, takedown_id):
        raise decided_already()
    return _back()


def _list(show: str, cases: Sequence[Case], cursor: str | None, **more: Any) -> str:
    seen = " ".join(f"{one.entry.id}@{iso(one.entry.version)}" for one in cases if one.entry)
    return _page("moderation_list.html", cases, show=show, next=cursor, seen=seen, **more)


def _thing_page(kind: str, subject_id: UUID, **more: Any) -> str:
    case = queries.case_or_missing(kind, subject_id)
    decided = queries.decisions_about(kind, subject_id, DECISIONS)
    staff = queries.names_of([one.by_id for one in decided])
    named = {"case": case, "decided": decided, "staff": staff, "acts": ACTS, "show": "", **more}
    return _page("moderation_thing.html", [case], **named)


def _page(template: str, cases: Sequence[Case], **more: Any) -> str:
    about = [report.reporter_id for case in cases for report in case.reports]
    about += [case.takedown.by_id for case in cases if case.takedown]
    named = {"cases": cases, "people": queries.names_of(about), "waiting": queries.waiting(), **more}
    return page(template, most=queries.MOST_COUNTED, iso=iso, **named)


def _filled() -> dict[str, str]:
    """The fields of the form that hold something."""
    return {name: value for name, value in form().items() if value}


def _back() -> AnyResponse:
    """To the page that the decision was made on."""
    return go(came_from() or QUEUE)


def _asked() -> str | None:
    cursor: str | None = ListQuery().load(request.args.to_dict())["cursor"]
    return cursor


def _place(name: str) -> Place | None:
    values = paging.values_of(f"desk.{name}", _asked())
    return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None


def _next(name: str, places: Sequence[Place]) -> str | None:
    """The cursor of the page after this one."""
    if len(places) <= PAGE:
        return None
    at, last_id = places[PAGE - 1]
    return paging.cursor(f"desk.{name}", [iso(at), str(last_id)])
