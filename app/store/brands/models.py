"""Brands, and their other names (欧莱雅, L'Oréal, LOREAL)."""

import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

LONGEST_NAME, MOST_ALIASES = 80, 20


class Brand(Model):
    """A brand, under the name that is shown."""

    __tablename__ = "brands_brands"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class BrandName(Model):
    """A name that a brand goes by, its own one too. No two have one name: `key` is it as it is compared."""

    __tablename__ = "brands_names"

    key: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brands_brands.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]


def key_of(name: str) -> str:
    """A name as it is compared: without case, width, blanks and marks (L'Oréal is LOREAL)."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
