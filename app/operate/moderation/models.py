"""Reports, decisions, and what waits for one.

What is hidden, and since when, is the owner's row; here is who decided so, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit
from app.core.db import Model
from app.core.errors import Refused, refuse_on
from app.core.ids import new_id

TAKEDOWN, RESTORE, DISMISSAL, APPROVAL = "takedown", "restore", "dismissal", "approval"
ACTS = {
    TAKEDOWN: audit.act(TAKEDOWN, "下架", "took down"),
    RESTORE: audit.act(RESTORE, "恢复", "restored"),
    DISMISSAL: audit.act(DISMISSAL, "驳回举报", "dismissed reports"),
    APPROVAL: audit.act(APPROVAL, "通过", "approved"),
}
"""How the audit log calls each decision."""


class Report(Model):
    """One person's word that something should not be here. Open until a moderator has decided."""

    __tablename__ = "moderation_reports"
    __table_args__ = (
        Index(
            "uq_moderation_reports_open",
            "reporter_id",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_moderation_reports_subject", "kind", "subject_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_moderation_reports_waiting", "at", "id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    reason: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderation_decisions.id"))


class QueueEntry(Model):
    """A thing that a moderator is to look at: one that is new, was edited since somebody looked, or is held.

    `version` is the time of its last change; once closed, of the one that was looked at. The oldest `at` comes first.
    """

    __tablename__ = "moderation_queue"
    __table_args__ = (
        Index(
            "uq_moderation_queue_open",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_moderation_queue_waiting", "at", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_moderation_queue_subject", "subject_id", "version"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    version: Mapped[datetime]
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderation_decisions.id"))


class Decision(Model):
    """What a moderator did to a thing, and why. Never changed, but that a take-down gets its end."""

    __tablename__ = "moderation_decisions"
    __table_args__ = (
        CheckConstraint("action IN ('takedown', 'restore', 'dismissal', 'approval')", name="action"),
        Index(
            "uq_moderation_decisions_in_force",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("action = 'takedown' AND ended_at IS NULL"),
        ),
        Index(
            "ix_moderation_decisions_in_force",
            "at",
            "id",
            postgresql_where=text("action = 'takedown' AND ended_at IS NULL"),
        ),
        Index("ix_moderation_decisions_action_at", "action", "at", "id"),
        Index("ix_moderation_decisions_subject", "kind", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    action: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


refuse_on(
    "uq_moderation_decisions_in_force",
    409,
    "already_taken_down",
    "已经下架",
    "It is taken down already.",
)


def decided_already() -> Refused:
    """What a moderator looked at is not what is there now."""
    en = "A colleague has decided about it just now, or its author has changed or removed it."
    return Refused(409, "decided_already", "同事刚刚处理过，或内容已被作者修改、删除", en)
