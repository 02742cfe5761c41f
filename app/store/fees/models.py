"""Take rates. A rate is never changed or deleted, as the database itself sees to: a new one follows it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import act
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.core.unchanged import only_added_to

WHOLE = 10_000
"""Rates are ten-thousandths (‱): 500 keeps 5 % of what is sold."""
SET_RATE = act("fee_rate", "设置平台扣点", "Set a take rate")


class TakeRate(Model):
    """What is kept, from `valid_from` on, of what a shop sells in a category; None stands for every one.

    The most specific rate counts: of the shop in the category (or the nearest one above it), of the shop, of the
    category, of all; of rates for the same, the last that is valid.
    """

    __tablename__ = "fees_rates"
    __table_args__ = (
        UniqueConstraint("shop_id", "category_id", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("rate BETWEEN 0 AND 10000", name="rate"),
        Index("ix_fees_rates_category", "category_id"),
        Index("ix_fees_rates_set_at", "set_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID | None]
    category_id: Mapped[UUID | None]
    rate: Mapped[int]
    valid_from: Mapped[datetime]
    why: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "uq_fees_rates_shop_id_category_id_valid_from",
    409,
    "rate_exists",
    "这个时间起已有一个扣点，请换一个生效时间",
    "There is a rate from this moment on already: choose another one.",
)

only_added_to(TakeRate, "fees_refuse_change", "ck_fees_rates_unchanged", "rates are only ever added to")
