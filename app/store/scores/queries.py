"""Questions about scores."""

from typing import Any
from uuid import UUID

from app.core.db import db
from app.store.scores.kinds import PARTS
from app.store.scores.kinds.base import Measure, Part
from app.store.scores.models import ShopScore

__all__ = ["Measure", "Part", "add_part", "all_parts", "score_json"]
_added: list[Part] = []


def add_part(part: Part) -> Part:
    """Register a part that a higher room counts; at import."""
    _added.append(part)
    return part


def all_parts() -> list[Part]:
    """Those of the store, then those that were added."""
    return [*PARTS, *_added]


def score_json(shop_id: UUID) -> dict[str, Any] | None:
    """The score of a shop with its parts, each 0 to 100 and from how many things it was counted; None before the first
    part says anything. One query."""
    found = db.session.get(ShopScore, shop_id)
    if found is None or found.value is None:
        return None
    parts = [
        {"name": one.name, "zh": one.zh, "en": one.en, "weight": one.weight, **found.parts[one.name]}
        for one in all_parts()
        if one.name in found.parts
    ]
    return {"value": found.value, "parts": parts, "computed_at": found.computed_at}
