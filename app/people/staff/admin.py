"""Pages of the admin view about people: who is there, one person, and what staff may do to him."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core import audit, paging
from app.core.caller import Caller
from app.core.clock import iso
from app.core.http import menu
from app.core.http.door import ADMIN, MODERATOR
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.people.accounts.queries import people_by_id
from app.people.staff import actions, queries
from app.people.staff.schemas import PeopleQuery, ReasonForm, RequiredReasonForm, RoleForm, SuspensionForm

door = PageDoor("staff", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, "/admin/people", "用户", "People", order=20)
PAGE, ACTS = 30, 20


@door.get("/admin/people")
def list_people(caller: Caller) -> str:
    """Everybody, the newest first; found by id, or by how the username or nickname begins."""
    asked = PeopleQuery().load(request.args.to_dict())
    narrowed = {"q": asked["q"].strip(), "show": asked["show"]}
    scope = f"people:{narrowed}"
    values = paging.values_of(scope, asked["cursor"])
    after = (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None
    found = queries.people(PAGE + 1, narrowed["q"], narrowed["show"], after)
    last = found[PAGE - 1].person if len(found) > PAGE else None
    cursor = paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None
    following = "?" + urlencode({**narrowed, "cursor": cursor}) if cursor else None
    return page("staff_people.html", people=found[:PAGE], following=following, **narrowed)


@door.get("/admin/people/<uuid:person_id>")
def show_person(caller: Caller, person_id: UUID) -> str:
    """One person, what was done to him, and what may be done."""
    return _person_page(person_id)


@door.post("/admin/people/<uuid:person_id>/suspension")
def suspend(caller: Caller, person_id: UUID) -> AnyResponse:
    """Keep the person out; he is told the reason at sign-in."""
    return _done(
        person_id,
        "reason",
        lambda: actions.suspend(caller.person, person_id, SuspensionForm().load(form())["reason"]),
    )


@door.post("/admin/people/<uuid:person_id>/reinstatement")
def reinstate(caller: Caller, person_id: UUID) -> AnyResponse:
    """Let the person sign in again."""
    actions.reinstate(caller.person, person_id, ReasonForm().load(form())["reason"])
    return _back(person_id)


@door.post("/admin/people/<uuid:person_id>/roles", who=ADMIN)
def grant(caller: Caller, person_id: UUID) -> AnyResponse:
    """Give a role, with a reason for the log."""

    def give() -> None:
        given = RoleForm().load(form())
        actions.grant(caller.person, person_id, given["role"], given["reason"])

    return _done(person_id, "grant-reason", give)


@door.post("/admin/people/<uuid:person_id>/roles/<role>/revocation", who=ADMIN)
def revoke(caller: Caller, person_id: UUID, role: str) -> AnyResponse:
    """Take a role away, with a reason for the log."""
    return _done(
        person_id,
        f"{role}-reason",
        lambda: actions.revoke(caller.person, person_id, role, RequiredReasonForm().load(form())["reason"]),
    )


@door.post("/admin/people/<uuid:person_id>/second-factor/removal", who=ADMIN)
def take_away_second_factor(caller: Caller, person_id: UUID) -> AnyResponse:
    """The person has lost his phone."""
    actions.take_away_second_factor(caller.person, person_id, ReasonForm().load(form())["reason"])
    return _back(person_id)


def _done(person_id: UUID, place: str, work: Callable[[], object]) -> AnyResponse:
    """Do it, or show the page with its form filled in again; `place`: the id of the form's field of the reason."""
    faults = faults_of(work)
    if faults is None:
        return _back(person_id)
    if "reason" not in faults:
        raise ValidationError(faults)  # not from a form of ours
    sent = form()
    filled = {"role": sent.get("role", ""), place: sent.get("reason", "")}
    return once_more(_person_page(person_id, faults={place: faults["reason"]}, filled=filled))


def _person_page(person_id: UUID, **more: Any) -> str:
    standing = queries.standing_or_missing(person_id)
    done = audit.acts(ACTS, subject_id=str(person_id))
    staff = people_by_id({one.who_id for one in done if one.who_id})
    named = {"done": done, "staff": staff, "act_named": audit.act_named, "faults": {}, "filled": {}, **more}
    return page("staff_person.html", one=standing, person=standing.person, **named)


def _back(person_id: UUID) -> AnyResponse:
    return go(f"/admin/people/{person_id}")
