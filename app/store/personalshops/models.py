"""Personal shops."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

MOST_GOODS = 50
"""In one call."""


class PersonalShop(Model):
    """A shop that a person opened to resell, without goods of his own."""

    __tablename__ = "personalshops_shops"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), index=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A SKU of a supplier to resell: for `price` in 分 (None: at its floor), under `title` (None: its own)."""

    sku_id: UUID
    price: int | None = None
    title: str | None = None
