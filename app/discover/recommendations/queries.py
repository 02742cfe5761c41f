"""Questions about views: what may count as one, and which have counted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select, tuple_

from app.community.posts.models import Post
from app.community.posts.queries import visible_posts
from app.core import paging
from app.core.caller import Caller
from app.core.clock import iso
from app.core.db import db
from app.discover.recommendations.models import Impression


def posts_that_count(caller: Caller, post_ids: Collection[UUID]) -> set[UUID]:
    """Those of the posts that are open to everybody and not the caller's own."""
    asked = select(Post.id).where(Post.id.in_(post_ids), visible_posts())
    if caller.person_id is not None:
        asked = asked.where(Post.written_by != caller.person_id, Post.author_id != caller.person_id)
    return set(db.session.scalars(asked))


@dataclass(frozen=True, slots=True)
class View:
    """A view that counted: when, where the post stood, for how many milliseconds, and what the viewer was to us
    (person, guest, or device: a stranger)."""

    id: int
    at: datetime
    surface: str
    dwell_ms: int
    viewer_kind: str


def counted_views(post_id: UUID, limit: int, cursor: str | None) -> tuple[list[View], str | None]:
    """A page of the views that counted for a post, the newest first, and the cursor of the next. One query.

    Rows are kept for KEPT_DAYS (actions); the count of a post goes further back.
    """
    scope = f"portal/views:{post_id}"
    place = paging.values_of(scope, cursor)
    shown = (Impression.id, Impression.seen_at, Impression.surface, Impression.dwell_ms, Impression.viewer_kind)
    wanted = select(*shown).where(Impression.post_id == post_id, Impression.counted)
    if place:
        before = literal(datetime.fromisoformat(place[0])), literal(place[1])
        wanted = wanted.where(tuple_(Impression.seen_at, Impression.id) < tuple_(*before))
    newest_first = wanted.order_by(Impression.seen_at.desc(), Impression.id.desc()).limit(limit + 1)
    found = [View(*row) for row in db.session.execute(newest_first)]
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], paging.cursor(scope, [iso(last.at), last.id]) if last else None


def how_many_views(post_id: UUID) -> int:
    """How many rows `counted_views` has, on all its pages. One query."""
    counted = select(func.count()).where(Impression.post_id == post_id, Impression.counted)
    return db.session.scalar(counted) or 0
