"""Who waits for which goods, and what runs low in which shop."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

MOST_WAITING = 500
"""Variants that one person waits for."""


class LowStock(Model):
    """Of this variant so few are left that its shop wants to know, since then."""

    __tablename__ = "alerts_low"
    __table_args__ = (Index("ix_alerts_low_shop", "shop_id", "at", "sku_id"),)

    sku_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_skus.id"), primary_key=True)
    shop_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class StockWait(Model):
    """This person wants to know when there is something of this variant again. `due_at`: there is, since then."""

    __tablename__ = "alerts_waits"
    __table_args__ = (
        Index("ix_alerts_waits_sku", "sku_id", postgresql_where=text("due_at IS NULL")),
        Index("ix_alerts_waits_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_skus.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime | None]
