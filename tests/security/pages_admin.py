"""Pages of the admin view."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.core.db import db, in_transaction
from app.core.worker import drain
from app.operate.moderation.models import QueueEntry
from app.operate.moderation.queries import case_or_missing
from app.people.accounts.actions import grant_role, suspend_person
from tests import make
from tests.pages import with_second_factor
from tests.security import town as of
from tests.security.pages import ADMIN, MODERATOR, PageRow
from tests.security.town import Town, Values


def person(town: Town, owner: Any) -> Values:
    return {"person_id": str(make.person().id)}


def suspended(town: Town, owner: Any) -> Values:
    made = person(town, owner)
    in_transaction(lambda: suspend_person(UUID(made["person_id"]), None, "刷屏"))
    return made


def kol(town: Town, owner: Any) -> Values:
    made = person(town, owner)
    in_transaction(lambda: grant_role(UUID(made["person_id"]), "kol"))
    return {**made, "role": "kol"}


def proven_person(town: Town, owner: Any) -> Values:
    made = make.person()
    with_second_factor(town.app, made)
    return {"person_id": str(made.id)}


def thing(town: Town, owner: Any) -> Values:
    made = make.post(town.star)
    return {"kind": "post", "subject_id": str(made.id)}


def reported_thing(town: Town, owner: Any) -> Values:
    made = thing(town, owner)
    make.report(UUID(made["subject_id"]))
    until = in_transaction(lambda: case_or_missing("post", UUID(made["subject_id"])).until)
    assert until is not None
    return {**made, "until": until.isoformat()}


def entry(town: Town, owner: Any) -> Values:
    made = thing(town, owner)
    drain()
    asked = select(QueueEntry.id, QueueEntry.version).where(QueueEntry.subject_id == UUID(made["subject_id"]))
    found = in_transaction(lambda: db.session.execute(asked).one())
    return {**made, "entry_id": str(found.id), "version": found.version.isoformat()}


def failed_fact(town: Town, owner: Any) -> Values:
    made = {"name": f"gone.{make.person().username}"}
    row = text(
        "INSERT INTO core_failed_facts (listener, event_id, error, next_try_at)"
        " SELECT :name, max(id), 'x', now() FROM core_events RETURNING id"
    )
    return {**made, "failed_id": str(in_transaction(lambda: db.session.scalar(row, made)))}


def because(values: Values) -> dict[str, str]:
    return {"reason": "违规"}


PEOPLE, THING = (
    "/admin/people/<uuid:person_id>",
    "/admin/queue/<any(article,comment,post,product,review):kind>/<uuid:subject_id>",
)
ROWS = [
    PageRow("GET", "/admin/queue", MODERATOR),
    PageRow("GET", "/admin/queue/reports", MODERATOR),
    PageRow("GET", "/admin/queue/takedowns", MODERATOR),
    PageRow("GET", "/admin/queue/of/<uuid:person_id>", MODERATOR, 200, person),
    PageRow("GET", THING, MODERATOR, 200, thing),
    PageRow(
        "POST",
        "/admin/queue/<uuid:entry_id>/approval",
        MODERATOR,
        303,
        entry,
        lambda v: {"version": v["version"]},
    ),
    PageRow(
        "POST",
        "/admin/queue/approvals",
        MODERATOR,
        303,
        entry,
        lambda v: {"seen": f"{v['entry_id']}@{v['version']}"},
    ),
    PageRow("POST", f"{THING}/takedown", MODERATOR, 303, thing, because),
    PageRow("POST", f"{THING}/dismissal", MODERATOR, 303, reported_thing, lambda v: {"until": v["until"]}),
    PageRow("POST", "/admin/queue/takedowns/<uuid:takedown_id>/restoration", MODERATOR, 303, of.takedown),
    PageRow("GET", "/admin/people", MODERATOR),
    PageRow("GET", PEOPLE, MODERATOR, 200, person),
    PageRow("POST", f"{PEOPLE}/suspension", MODERATOR, 303, person, because),
    PageRow("POST", f"{PEOPLE}/reinstatement", MODERATOR, 303, suspended),
    PageRow("POST", f"{PEOPLE}/roles", ADMIN, 303, person, lambda v: {"role": "kol", "reason": "新人"}),
    PageRow("POST", f"{PEOPLE}/roles/<role>/revocation", ADMIN, 303, kol, because),
    PageRow("POST", f"{PEOPLE}/second-factor/removal", ADMIN, 303, proven_person),
    PageRow("GET", "/admin/audit", MODERATOR),
    PageRow("GET", "/admin/jobs", ADMIN),
    PageRow("POST", "/admin/jobs/facts/<int:failed_id>/retry", ADMIN, 303, failed_fact),
    PageRow("POST", "/admin/jobs/listeners/<name>/retry", ADMIN, 303, failed_fact),
]
