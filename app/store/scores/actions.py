"""Computing scores."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.db import db
from app.store.scores.models import EVERY, FEWEST, ShopScore
from app.store.scores.queries import Measure, Part, all_parts


def begin_scores(shop_ids: Collection[UUID]) -> None:
    """These shops are scored from now on; those that are already stay as they are."""
    if shop_ids:
        rows = [{"shop_id": one, "due_at": clock.db_now()} for one in sorted(shop_ids)]
        db.session.execute(insert(ShopScore).values(rows).on_conflict_do_nothing())


def compute_due(most: int = 200) -> int:
    """Compute the scores whose time has come, in a constant number of queries; a sweep. Answers how many."""
    due = select(ShopScore.shop_id).where(ShopScore.due_at <= clock.db_now()).order_by(ShopScore.due_at).limit(most)
    ids = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    if not ids:
        return 0
    measured = [(part, part.measure(ids)) for part in all_parts()]
    now = clock.db_now()
    for shop_id in ids:
        value, parts = _score(shop_id, measured)
        told = {"value": value, "parts": parts, "computed_at": now, "due_at": now + EVERY}
        db.session.execute(update(ShopScore).where(ShopScore.shop_id == shop_id).values(**told))
    return len(ids)


def _score(
    shop_id: UUID, measured: Collection[tuple[Part, Mapping[UUID, Measure]]]
) -> tuple[int | None, dict[str, Any]]:
    """(value, parts) of what was measured of enough things, each by its weight."""
    found = [(part, some[shop_id]) for part, some in measured if shop_id in some and some[shop_id].of >= FEWEST]
    parts = {part.name: {"value": round(100 * one.share), "of": one.of} for part, one in found}
    weights = sum(part.weight for part, _ in found)
    value = round(100 * sum(part.weight * one.share for part, one in found) / weights) if weights else None
    return value, parts
