"""Policies of returns."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model


class ReturnPolicy(Model):
    """Where goods come back to a shop, and whether it insures its buyers' way back (运费险)."""

    __tablename__ = "aftersales_policies"  # it was after-sales' until that room was full

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str]
    is_insured: Mapped[bool] = mapped_column(server_default=text("false"))

    @property
    def has_address(self) -> bool:
        return bool(self.address.strip())
