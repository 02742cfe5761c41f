"""Questions about what staff did."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core import audit
from app.core.audit import Act, AuditRow
from app.core.caller import PERSON
from app.operate.moderation.queries import titles_of
from app.people.accounts.models import Person
from app.people.accounts.queries import people_by_id, person_named

KINDS = ("post", "product", "comment")
PATHS = {
    PERSON: "/admin/people/{}",
    **{kind: f"/admin/queue/{kind}/{{}}" for kind in KINDS},
    "listener": "/admin/jobs?listener={}",
}
"""Where a subject of each kind is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the log for people. `who` is None for a command on the server; `whom`: what the subject is called."""

    row: AuditRow
    act: Act
    who: Person | None
    whom: str
    path: str


def lines(rows: Sequence[AuditRow]) -> list[Line]:
    """These rows with the names of people and things. At most 10 queries, however many rows."""
    whom = {UUID(row.subject_id) for row in rows if row.subject_kind == PERSON}
    people = people_by_id({row.who_id for row in rows if row.who_id} | whom)
    things = titles_of({(row.subject_kind, UUID(row.subject_id)) for row in rows if row.subject_kind in KINDS})
    names = {(PERSON, str(one.id)): one.nickname for one in people.values()}
    names |= {(kind, str(thing_id)): title for (kind, thing_id), title in things.items()}
    return [
        Line(
            row=row,
            act=audit.act_named(row.what),
            who=people.get(row.who_id) if row.who_id else None,
            whom=names.get((row.subject_kind, row.subject_id), row.subject_id),
            path=PATHS.get(row.subject_kind, "").format(row.subject_id),
        )
        for row in rows
    ]


def person_called(words: str) -> Person | None:
    """The person of this id or username."""
    try:
        return people_by_id([UUID(words)]).get(UUID(words))
    except ValueError:
        return person_named(words)
