"""Taking in what was shown."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock, counters
from app.core.caller import Caller, Ref
from app.core.config import settings
from app.core.db import changed, db
from app.discover.recommendations.models import Impression, LastView
from app.discover.recommendations.queries import posts_that_count

DEVICE = "device"
WINDOW = timedelta(hours=1)
"""A viewer's second view of a post within this time does not count."""

KEPT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Shown:
    """One item of what a client tells. `at` is its device's time."""

    post_id: UUID
    surface: str
    position: int
    dwell_ms: int
    at: datetime


def take_in(caller: Caller, items: Sequence[Shown]) -> int:
    """Keep what was shown and count the views; answers how many items were new and count for something.

    Ids that nobody knows, hidden posts and the caller's own are passed over; a repeated item is kept once.
    """
    viewer = _viewer(caller)
    wanted = posts_that_count(caller, {item.post_id for item in items})
    new = _keep(viewer, _in_order(item for item in items if item.post_id in wanted))
    first = {post_id: row_id for row_id, post_id in reversed(new)}
    counted = _count(viewer, sorted(first))
    _mark([first[post_id] for post_id in counted])
    return len(new)


def _keep(viewer: Ref, items: Sequence[Shown]) -> list[tuple[int, UUID]]:
    """Write the items that are not there yet; answers (id, post) of each. One statement, the same for any number."""
    if not items:
        return []
    columns = [getattr(Impression, one.name) for one in fields(Shown)]
    values = [_unnested([getattr(item, one.key) for item in items], one) for one in columns]
    rows = select(literal(viewer.kind), literal(viewer.id), *values)
    kept = insert(Impression).from_select([Impression.viewer_kind, Impression.viewer_id, *columns], rows)
    found = db.session.execute(kept.on_conflict_do_nothing().returning(Impression.id, Impression.post_id))
    return [(row[0], row[1]) for row in found]


def _count(viewer: Ref, post_ids: Sequence[UUID]) -> Sequence[UUID]:
    """One view more for each post of which this viewer's last one is an hour old; by one statement, so that two
    requests at once count one view. Answers those posts."""
    if not post_ids:
        return ()
    columns = [LastView.viewer_id, LastView.post_id, LastView.counted_at]
    rows = select(literal(viewer.id), _unnested(post_ids, LastView.post_id), clock.db_now())
    views = insert(LastView).from_select(columns, rows)
    counted = views.on_conflict_do_update(
        index_elements=[LastView.viewer_id, LastView.post_id],
        set_={"counted_at": views.excluded.counted_at},
        where=LastView.counted_at <= views.excluded.counted_at - literal(WINDOW),
    )
    found = db.session.scalars(counted.returning(LastView.post_id)).all()
    counters.add_many([(one, "views", 1) for one in found])
    return found


def _mark(ids: Sequence[int]) -> None:
    """These impressions are the views that were counted: who reads them finds as many as were."""
    if ids:
        db.session.execute(update(Impression).where(Impression.id.in_(ids)).values(counted=True))


def _unnested(values: Sequence[Any], column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return func.unnest(literal(values, ARRAY(column.type)))


def _in_order(items: Iterable[Shown]) -> list[Shown]:
    """Sorted by what makes a row unique, so that two requests at once never wait for each other both ways."""
    return sorted(items, key=lambda one: (one.post_id, one.at, one.surface, one.position))


def _viewer(caller: Caller) -> Ref:
    """The person or guest; a stranger is known by his address alone, of which only a keyed hash is kept: whatever else
    he tells (Device-Id, User-Agent) he may tell anew for each view."""
    if caller.ref is not None:
        return caller.ref
    seen = hmac.new(settings.secret_key.encode(), f"device:{caller.ip}".encode(), hashlib.sha256)
    return Ref(DEVICE, UUID(bytes=seen.digest()[:16]))


_OLD_VIEWS = text(
    "WITH old AS (SELECT viewer_id, post_id FROM recommendations_last_views"
    "  WHERE counted_at < now() - interval '1 hour' LIMIT :most FOR UPDATE SKIP LOCKED)"
    " DELETE FROM recommendations_last_views WHERE (viewer_id, post_id) IN (SELECT viewer_id, post_id FROM old)"
)
_OLD_IMPRESSIONS = text(
    "WITH old AS (SELECT id FROM recommendations_impressions"
    "  WHERE seen_at < now() - make_interval(days => :days) LIMIT :most FOR UPDATE SKIP LOCKED)"
    " DELETE FROM recommendations_impressions WHERE id IN (SELECT id FROM old)"
)


def forget_old(most: int = 500) -> int:
    """Delete views that no longer hold back another, and impressions older than KEPT_DAYS; answers how many rows."""
    return changed(_OLD_VIEWS, {"most": most}) + changed(_OLD_IMPRESSIONS, {"most": most, "days": KEPT_DAYS})
