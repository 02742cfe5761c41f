"""Questions about take rates."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from app.core import clock, paging
from app.core.clock import iso
from app.core.db import db
from app.core.plain import prepared, unseen
from app.store.categories.models import Category
from app.store.fees.models import TakeRate
from app.store.shops.queries import shops_by_id

Pair = tuple[UUID, UUID | None]
"""A shop, and the category of the goods that it sells."""


def take_rates(pairs: Collection[Pair]) -> dict[Pair, int]:
    """What is kept now of what these shops sell in these categories, in ‱; 0 where nobody has set a rate. A category
    without one of its own has that of the nearest above it. One query."""
    wanted = list(dict.fromkeys(pairs))
    if not wanted:
        return {}
    given = {"shops": [shop for shop, _ in wanted], "categories": [category for _, category in wanted]}
    found = {row.place: int(row.rate) for row in _RATES.rows(**given, ahead=clock.ahead())}
    return {pair: found.get(place, 0) for place, pair in enumerate(wanted, 1)}


def rates(limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of all rates that were ever set, the last set first. Three queries."""
    scope = "desk/fees"
    wanted = select(TakeRate).order_by(TakeRate.set_at.desc(), TakeRate.id.desc()).limit(limit + 1)
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(tuple_(TakeRate.set_at, TakeRate.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    found = list(db.session.scalars(wanted))
    last = found[limit - 1] if len(found) > limit else None
    following = paging.cursor(scope, [iso(last.set_at), str(last.id)]) if last else None
    return {"items": shown(found[:limit]), "next": following}


def shown(found: Sequence[TakeRate]) -> list[dict[str, Any]]:
    """Rates ready for JSON, with the names of what they are about. Two queries."""
    shops = shops_by_id({one.shop_id for one in found if one.shop_id})
    names = _names({one.category_id for one in found if one.category_id})
    return [
        {
            "id": one.id,
            "kind": "take_rate",
            "shop": {"id": one.shop_id, "name": shops[one.shop_id].name} if one.shop_id in shops else None,
            "category": {"id": one.category_id, "name": names.get(one.category_id, "")} if one.category_id else None,
            "rate": one.rate,
            "valid_from": iso(one.valid_from),
            "why": one.why,
            "set_at": iso(one.set_at),
        }
        for one in found
    ]


def categories() -> dict[UUID, str]:
    """All categories by id, for a form."""
    return {row[0]: row[1] for row in db.session.execute(select(Category.id, Category.name).order_by(Category.name))}


def _names(ids: Collection[UUID]) -> dict[UUID, str]:
    wanted = select(Category.id, Category.name).where(Category.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(wanted)} if ids else {}


# A path is the ids from the root down to the category itself: the further down a rate's category, the nearer.
_RATES = prepared(
    "SELECT DISTINCT ON (w.place) w.place, r.rate"
    f" FROM unnest({unseen('shops')}, {unseen('categories')}) WITH ORDINALITY"
    "  AS w (shop_id, category_id, place)"
    " LEFT JOIN catalogue_categories g ON g.id = w.category_id"
    " CROSS JOIN LATERAL (SELECT CAST(string_to_array(nullif(rtrim(g.path, '/'), ''), '/') AS uuid[])) AS c (chain)"
    " JOIN fees_rates r ON (r.shop_id = w.shop_id OR r.shop_id IS NULL) AND r.valid_from <= now() + :ahead"
    "  AND (r.category_id IS NULL OR r.category_id = w.category_id OR r.category_id = ANY(c.chain))"
    " ORDER BY w.place, r.shop_id IS NULL, r.category_id IS NULL, r.category_id = w.category_id DESC,"
    "  array_position(c.chain, r.category_id) DESC NULLS LAST, r.valid_from DESC"
)
