"""Audits of suppliers, and the notices that one is due."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit
from app.core.db import Model
from app.core.ids import new_id

NOTICE = timedelta(days=30)
LONGEST_NOTE = 1000
AUDITED = audit.act("supplier_audited", "审核了供应商", "audited a supplier")


class SupplierAudit(Model):
    """Somebody of the staff looked at a supplier: a score of 0 to 100, what he saw, and until when that holds."""

    __tablename__ = "suppliers_audits"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index("ix_suppliers_audits_shop", "shop_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    by_id: Mapped[UUID]
    score: Mapped[int]
    note: Mapped[str]
    until: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditNotice(Model):
    """A supplier was told that its approval ends `until` then: once for each such date."""

    __tablename__ = "suppliers_notices"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
