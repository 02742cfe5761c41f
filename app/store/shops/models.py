"""Shops and their staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

OWNER, MANAGER, PACKER, AFTER_SALES, READER = "owner", "manager", "packer", "after_sales", "reader"
ROLES = (OWNER, MANAGER, PACKER, AFTER_SALES, READER)
SEE, GOODS, SHIP, SERVE, PROMOTE = "see", "goods", "ship", "serve", "promote"
MONEY, SETTINGS, STAFF = "money", "settings", "staff"
_DAILY = frozenset({SEE, GOODS, SHIP, SERVE, PROMOTE, MONEY, SETTINGS})
RIGHTS = {
    OWNER: _DAILY | {STAFF},
    MANAGER: _DAILY,
    PACKER: frozenset({SEE, SHIP}),
    AFTER_SALES: frozenset({SEE, SERVE}),
    READER: frozenset({SEE}),
}
"""What each role may do: see all of the shop; change goods and stock; ship; serve buyers (after-sales, reviews); make
promotions; see to bills and payouts; set the shop up; say who works in it."""


class Shop(Model):
    """A seller. Two shops may bear one name, as two streets may; the id tells them apart."""

    __tablename__ = "shops_shops"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Staff(Model):
    """A person who works in a shop and may act for it."""

    __tablename__ = "shops_staff"
    __table_args__ = (CheckConstraint("role IN ('owner', 'manager', 'packer', 'after_sales', 'reader')", name="role"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True, index=True)
    role: Mapped[str]
