"""The pool of codes of a variant, the file that it may be instead, and what paid lines have got of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.db import Model

LONGEST_CODE, MOST_CODES = 500, 2000
"""Letters of a code; codes in one request."""
LARGEST_FILE = 20 << 20
FOLDER = "goods"
DOWNLOAD_SECONDS = 900
PURPOSE = "codes"


class GoodsCode(Model):
    """A code, sealed (core/sealing); `digest` finds doubles. Once taken for a line it is that line's for ever."""

    __tablename__ = "codes_codes"
    __table_args__ = (
        UniqueConstraint("sku_id", "digest"),
        Index("ix_codes_codes_free", "sku_id", "id", postgresql_where=text("line_id IS NULL")),
        Index("ix_codes_codes_line", "line_id", postgresql_where=text("line_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_skus.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    line_id: Mapped[UUID | None]
    taken_at: Mapped[datetime | None]
    by_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GoodsFile(Model):
    """The file that buyers of a variant download; a new one takes the place of the old one, for earlier buyers too."""

    __tablename__ = "codes_files"

    sku_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_skus.id"), primary_key=True)
    file_id: Mapped[UUID]
    name: Mapped[str]
    size: Mapped[int]
    by_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CodeGrant(Model):
    """What a paid line of virtual goods is owed: `units` codes (of which some may be lacking), or the file.

    `closed_at`: its money went back, and it may not download any more; codes that were seen cannot be taken back.
    """

    __tablename__ = "codes_grants"
    __table_args__ = (
        CheckConstraint("units > 0 AND lacking BETWEEN 0 AND units", name="units"),
        Index("ix_codes_grants_owner", "owner_id", "at", "line_id"),
        Index("ix_codes_grants_lacking", "sku_id", "at", postgresql_where=text("lacking > 0")),
    )

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID]
    units: Mapped[int]
    lacking: Mapped[int]
    owner_kind: Mapped[str]
    owner_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]

    @property
    def owner(self) -> Ref:
        return Ref(self.owner_kind, self.owner_id)
