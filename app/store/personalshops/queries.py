"""Questions about what may be resold."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from app.core.db import db
from app.store.catalogue.queries import product_cards
from app.store.resale import queries as resale
from app.store.resale.models import ResaleOffer
from app.store.shops.queries import shops_by_id
from app.store.suppliers.queries import scores_of
from app.store.variants.models import Sku


def offers(limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what anybody may resell, newest first. Five queries."""
    found, following = resale.open_offers(limit, cursor)
    return {"items": _shown(found), "next": following}


def offers_of(supplier_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what a supplier lets others sell. Five queries."""
    found, following = resale.open_offers(limit, cursor, supplier_id)
    return {"items": _shown(found), "next": following}


def _shown(found: Sequence[ResaleOffer]) -> list[dict[str, Any]]:
    """Offers with the card of their goods; of goods that nobody may see there is none."""
    cards = product_cards({one.product_id for one in found})
    names = dict(db.session.execute(select(Sku.id, Sku.name).where(Sku.id.in_([one.sku_id for one in found]))).all())
    shops = shops_by_id({one.supplier_id for one in found})
    scores = scores_of({one.supplier_id for one in found})
    return [
        {
            "id": one.sku_id,
            "kind": "resale_offer",
            "sku_name": names.get(one.sku_id, ""),
            "product": orjson.loads(cards[one.product_id]) if one.product_id in cards else None,
            "supplier": {"id": one.supplier_id, "name": shops[one.supplier_id].name},
            "supplier_score": scores.get(one.supplier_id),
            "supply_price": one.supply_price,
            "floor_price": one.floor_price,
        }
        for one in found
    ]
