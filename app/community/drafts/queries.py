"""Questions about drafts; only their author asks them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, tuple_

from app.community.drafts.models import Draft
from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.plain import Row
from app.people.uploads.queries import picture, uploads_by_id


def draft_of(person_id: UUID, draft_id: UUID, *, locked: bool = False) -> Draft:
    """A person's own draft; `locked`: nobody else changes it until this transaction ends. Raises Refused 404."""
    wanted = select(Draft).where(Draft.id == draft_id, Draft.person_id == person_id)
    wanted = wanted.with_for_update() if locked else wanted
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise missing("没有这篇草稿", "There is no such draft.")
    return found


def draft_pages(person_id: UUID, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a person's drafts, the one changed last first, and the next cursor. Two queries."""
    scope = f"drafts:{person_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(Draft).where(Draft.person_id == person_id)
    if place is not None:
        after = literal(datetime.fromisoformat(place[0])), literal(UUID(place[1]))
        wanted = wanted.where(tuple_(Draft.changed_at, Draft.id) < tuple_(*after))
    rows = db.session.scalars(wanted.order_by(Draft.changed_at.desc(), Draft.id.desc()).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.changed_at), str(last.id)]) if last else None
    return shown(rows[:limit]), following


def how_many(person_id: UUID, *which: ColumnElement[bool]) -> int:
    """How many drafts a person has, or of these."""
    counted = select(func.count()).select_from(Draft).where(Draft.person_id == person_id, *which)
    return db.session.scalar(counted) or 0


def shown(drafts: "list[Draft] | tuple[Draft, ...] | Any") -> list[dict[str, Any]]:
    """Drafts ready for JSON; their pictures by signed URLs. One query at most."""
    uploads = uploads_by_id({UUID(one) for draft in drafts for one in draft.content.get("uploads", [])})
    return [_shown(draft, uploads) for draft in drafts]


def _shown(draft: Draft, uploads: dict[UUID, Row]) -> dict[str, Any]:
    mine = [uploads[one] for one in map(UUID, draft.content.get("uploads", [])) if one in uploads]
    return {
        "id": draft.id,
        "kind": "draft",
        "content": draft.content,
        "pictures": [{"id": one.id, **picture(one, "card", signed=True)} for one in mine],
        "publish_at": draft.publish_at,
        "failure": draft.failure,
        "changed_at": draft.changed_at,
        "created_at": draft.created_at,
    }
