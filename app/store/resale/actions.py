"""The bare verbs of resale; who may say so is known above (personalshops)."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core.db import changed, db
from app.store.resale.models import ResaleOffer, Resold


def offer(by_id: UUID, supplier_id: UUID, product_id: UUID, sku_id: UUID, supply_price: int, floor_price: int) -> None:
    """Let others sell this SKU from now on, or for other prices."""
    prices = {"supply_price": supply_price, "floor_price": floor_price, "by_id": by_id}
    row = insert(ResaleOffer).values(sku_id=sku_id, product_id=product_id, supplier_id=supplier_id, **prices)
    db.session.execute(row.on_conflict_do_update(index_elements=["sku_id"], set_=prices))


def withdraw_offer(sku_id: UUID) -> bool:
    """Nobody else sells this SKU any more; False if nobody did."""
    return bool(changed(delete(ResaleOffer).where(ResaleOffer.sku_id == sku_id)))


def draw_on(shop_id: UUID, product_id: UUID, sources: Mapping[UUID, tuple[UUID, UUID]]) -> None:
    """These SKUs of a shop are others': {its SKU: (supplier's SKU, supplier)}."""
    same = {"shop_id": shop_id, "product_id": product_id}
    rows = [
        {"sku_id": sku, "stock_sku_id": stock, "supplier_id": supplier, **same}
        for sku, (stock, supplier) in sources.items()
    ]
    db.session.execute(insert(Resold), rows)
