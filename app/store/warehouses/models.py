"""Warehouses of a shop."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.store.inventory.models import DAMAGED, RECEIVED

LONGEST_NAME, MOST_WAREHOUSES, LONGEST_WHY, LONGEST_HOURS = 60, 50, 200, 100
MOST_MOVED = 100
"""SKUs in one transfer."""
SIGNS = {RECEIVED: 1, DAMAGED: -1}
"""What staff may say of stock, and whether it adds or takes away."""


class Warehouse(Model):
    """A place where a shop keeps goods and whence it sends them. `address`: {province, city, district, street, name,
    phone}. One of a shop's may be the default, for goods that name none. A closed one takes no goods any more.
    `pick_up_hours`: when buyers may fetch their orders here, in words; "" where they may not."""

    __tablename__ = "warehouses_warehouses"
    __table_args__ = (
        UniqueConstraint("shop_id", "name"),
        Index("uq_warehouses_warehouses_default", "shop_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    name: Mapped[str]
    address: Mapped[dict[str, Any]]
    is_default: Mapped[bool]
    pick_up_hours: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "uq_warehouses_warehouses_shop_id_name",
    422,
    "invalid",
    "店内已有同名仓库",
    "The shop has a warehouse of this name.",
    field="name",
)
