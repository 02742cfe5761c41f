"""Uploads: one picture in three sizes, whether something uses it, and who shows it."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.config import settings
from app.core.db import Model
from app.core.ids import new_id

UNUSED_FOR = timedelta(hours=48)
"""A picture that nothing uses for so long is deleted."""


class Upload(Model):
    """A picture as it is kept. `width` and `height` are those of the variant "full"; `digest` is of what was sent.

    `used_at`: when something (a post, goods, an avatar) first used it; from then on it stays. None: nothing yet, which
    has to be said: what code of before wrote beside this one stays.
    """

    __tablename__ = "uploads_uploads"
    __table_args__ = (
        CheckConstraint("format IN ('jpg', 'webp')", name="format"),
        CheckConstraint("width > 0 AND height > 0", name="measures"),
        Index("ix_uploads_uploads_owner", "owner_id", "created_at"),
        Index("ix_uploads_uploads_unused", "created_at", postgresql_where=text("used_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    format: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    colour: Mapped[str]
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None] = mapped_column(server_default=func.now())


class Showing(Model):
    """Something (a post, a person's avatar, a product) shows an upload to everybody."""

    __tablename__ = "uploads_showings"
    __table_args__ = (Index("ix_uploads_showings_subject", "subject_id", "kind"),)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads_uploads.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)


def file_of(upload_id: UUID, variant: str, extension: str) -> Path:
    """Where a variant lies. The folder is the id's last byte: the first ones are the time, and fill one by one."""
    return Path(settings.media_dir) / upload_id.hex[-2:] / f"{upload_id}-{variant}.{extension}"
