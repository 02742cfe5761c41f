"""What has been planted in the town already, so that a seed that ended half way goes on where it was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model


class Planted(Model):
    """One step of the seed ("goods:tea-2"), written with what it made; `subject_id` is that thing's id."""

    __tablename__ = "demo_planted"

    name: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
