"""The score of each shop, as it was computed last."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

EVERY = timedelta(hours=24)
WINDOW = timedelta(days=30)
"""What orders and cases of so long are counted."""
FEWEST = 5
"""A part that is counted from fewer says nothing yet."""


class ShopScore(Model):
    """`value` of 0 to 100, None while no part says anything; `parts` as {name: {value, of}}; computed anew at
    `due_at`."""

    __tablename__ = "scores_scores"
    __table_args__ = (
        CheckConstraint("value BETWEEN 0 AND 100", name="value"),
        Index("ix_scores_scores_due", "due_at"),
    )

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    value: Mapped[int | None]
    parts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    computed_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
