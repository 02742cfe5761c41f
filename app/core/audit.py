"""The audit log: who of the staff did what to whom, when and why. It is only ever added to.

A row is written in the transaction of the act itself, so that neither is without the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.db import Model, db
from app.core.plain import Prepared
from app.core.unchanged import only_added_to


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of staff act, and how people say it."""

    code: str
    zh: str
    en: str


class AuditRow(Model):
    """One act. `who_id` is None for a command on the server; `subject_id` is an id, or the name of a listener."""

    __tablename__ = "core_audit"
    __table_args__ = (
        Index("ix_core_audit_who", "who_id", "id"),
        Index("ix_core_audit_subject", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    who_id: Mapped[UUID | None]
    what: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    why: Mapped[str]


only_added_to(AuditRow, "core_refuse_change_of_audit", "ck_core_audit_unchanged", "the audit log is only ever added to")

_acts: dict[str, Act] = {}
_ADD = Prepared(
    "INSERT INTO core_audit (who_id, what, subject_kind, subject_id, why)"
    " SELECT %(who_id)s::uuid, %(what)s, *, %(why)s FROM unnest(%(kinds)s::text[], %(ids)s::text[])"
)


def act(code: str, zh: str, en: str) -> Act:
    """Register a kind of act; at import of the room that does it."""
    return _acts.setdefault(code, Act(code, zh, en))


def act_named(code: str) -> Act:
    """The act of a row; one that no room knows any more is called by its code."""
    return _acts.get(code, Act(code, code, code))


def record(who_id: UUID | None, what: Act, subject: Ref | tuple[str, str], why: str = "") -> None:
    """Write down an act in this transaction. `subject`: what it was done to, a kind and an id (or a name)."""
    record_all(who_id, what, [subject], why)


def record_all(who_id: UUID | None, what: Act, subjects: Sequence[Ref | tuple[str, str]], why: str = "") -> None:
    """Write down the same act on many subjects, in one statement."""
    if subjects:
        kinds, ids = [one[0] for one in subjects], [str(one[1]) for one in subjects]
        _ADD.changed(who_id=who_id, what=what.code, kinds=kinds, ids=ids, why=why)


def acts(
    limit: int, before: int | None = None, who_id: UUID | None = None, subject_id: str | None = None
) -> Sequence[AuditRow]:
    """Rows of the log, the latest first: below the id `before`, of this person acting, of this subject. One query."""
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(AuditRow.id < before)
    if who_id is not None:
        wanted = wanted.where(AuditRow.who_id == who_id)
    if subject_id is not None:
        wanted = wanted.where(AuditRow.subject_id == subject_id)
    return db.session.scalars(wanted).all()
