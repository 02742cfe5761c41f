"""Tables of addresses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

MOST_ADDRESSES = 20
PLACE = ("name", "phone", "province", "city", "district", "street")
"""The parts of an address as an order keeps it."""


class Address(Model):
    """Where one person has goods sent. One of his is the default: it is taken where he names none."""

    __tablename__ = "addresses_addresses"
    __table_args__ = (
        Index("ix_addresses_addresses_person", "person_id", "created_at", "id"),
        Index("uq_addresses_addresses_default", "person_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    name: Mapped[str]
    phone: Mapped[str]
    province: Mapped[str]
    city: Mapped[str]
    district: Mapped[str]
    street: Mapped[str]
    is_default: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def place(self) -> dict[str, str]:
        """The address as an order keeps it: what is written here later does not change it."""
        return {name: getattr(self, name) for name in PLACE}


_BUSY = ("默认地址刚被改过，请重试", "Your default has just been changed: try again.")
refuse_on("uq_addresses_addresses_default", 409, "busy", *_BUSY)
