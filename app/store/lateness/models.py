"""Orders that were sent too late."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model


class Late(Model):
    """An order of which something was not sent at `ship_by`, and the 分 that its buyer gets for it; once an order."""

    __tablename__ = "lateness_orders"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_lateness_orders_shop", "shop_id", "at"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"), primary_key=True)
    shop_id: Mapped[UUID]
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
