"""Offers of suppliers, and the SKUs of others that draw on them. Amounts in 分.

SKUs and products are opaque ids: the catalogue stands above this room.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.money import LARGEST


class ResaleOffer(Model):
    """A supplier lets others sell this SKU: for `supply_price` to him, at `floor_price` or above to buyers. Deleting
    the row stops all who resell it."""

    __tablename__ = "resale_offers"
    __table_args__ = (
        CheckConstraint(
            f"supply_price > 0 AND supply_price <= floor_price AND floor_price <= {LARGEST}", name="prices"
        ),
        Index("ix_resale_offers_supplier", "supplier_id", "at", "sku_id"),
        Index("ix_resale_offers_newest", "at", "sku_id"),
    )

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID]
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    supply_price: Mapped[int]
    floor_price: Mapped[int]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Resold(Model):
    """A SKU of a reseller that has no stock of its own: it is the supplier's `stock_sku_id`, who ships it."""

    __tablename__ = "resale_resold"
    __table_args__ = (
        Index("ix_resale_resold_stock", "stock_sku_id"),
        Index("ix_resale_resold_product", "product_id"),
    )

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID]
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    stock_sku_id: Mapped[UUID]
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "ck_resale_offers_prices",
    422,
    "invalid",
    "最低售价不能低于供货价",
    "The floor price may not be below the supply price.",
    field="floor_price",
)
