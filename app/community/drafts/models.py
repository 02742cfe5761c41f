"""Drafts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.community.posts.models import NOTE, PUBLIC
from app.community.tags.models import TagWanted
from app.core.db import Model
from app.core.errors import bad_field
from app.core.ids import new_id

MOST_DRAFTS, MOST_SCHEDULED_A_DAY = 100, 25
SOONEST, LATEST = timedelta(minutes=5), timedelta(days=365)
"""How long before its time a draft is given one: at least, so that it is a plan and no race, and at most."""


class Draft(Model):
    """What its author has written so far, as JSON of a post that need not be whole. `publish_at`: when it is to be
    published; `failure`: why that failed, {zh, en}."""

    __tablename__ = "drafts_drafts"
    __table_args__ = (
        Index("ix_drafts_drafts_person", "person_id", "changed_at", "id"),
        Index("ix_drafts_drafts_due", "publish_at", postgresql_where=text("publish_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    publish_at: Mapped[datetime | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def as_post(self) -> dict[str, Any]:
        """What posts.publish_post takes. Raises Refused 422 for a draft that lacks a title."""
        if not self.content.get("title", "").strip():
            raise bad_field("title", "请填写标题", "A post needs a title.")
        told = {"kind": NOTE, "visibility": PUBLIC, **self.content}
        told["uploads"] = [UUID(one) for one in told.get("uploads", [])]
        told["tags"] = [_tag(one) for one in told.get("tags", [])]
        return told


def _tag(told: dict[str, Any]) -> TagWanted:
    goods = {name: UUID(told[name]) if told.get(name) else None for name in ("product_id", "sku_id")}
    return TagWanted(**{**told, **goods})
